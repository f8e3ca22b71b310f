"""Replicas as processes: start, shared memory, meetings, the supervisor, one visible outcome.

Knows nothing of TensorFlow and nothing of what an array means. The parts, from the bottom:
`block` (the shared memory), `waiting` (how a rank waits and when waiting is hopeless), `transport`
and `shared` (one exchange between ranks), `world` (what the rest of the runtime uses),
`supervisor` (the process that watches), `script` and `host` (what a script must not notice).
"""
