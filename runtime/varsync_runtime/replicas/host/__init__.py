"""What the script's host code does to the outside happens once, although every rank does it.

- Output of host code is that of the worker's first rank; other workers' has the prefix
  `[worker 1] `. In replica context each line of each rank has the prefix `[replica 1] `;
  between `hold(True)` and `hold(False)` these lines wait for `show`.
- Calls that change the file system or run a program are meetings: all ranks of the worker arrive,
  the first does it, the others get its result or its exception. Whoever opens a file for writing
  gets a file; only the first rank's is the real one. So all ranks see the same file system.
- Input, the clock, random bytes and the names of temporary files are the first rank's for all.
- In replica context, and in threads and processes that the script starts, nothing is shared: there
  each rank is on its own. What threads and processes of other ranks than the first do on the
  host is done nowhere.

Not shared: `datetime.now()`, `os.getpid()`, `id()`, the order of a set of objects, files that
libraries open in C (sqlite3, HDF5), and sockets. Where the ranks' host code goes different ways,
the next meeting says so (`endings.Drift`), with the line of each.

`set_replica_context` and `begin_replica_code` are for whoever knows what replica context is;
`aside` for code that is run by ranks at different times (a user's generator inside a dataset).
"""

from varsync_runtime.replicas.host.context import aside, set_replica_context
from varsync_runtime.replicas.host.held import Printed, hold
from varsync_runtime.replicas.host.setup import (
    after_birth,
    before_fork,
    begin_replica_code,
    finish,
    install,
)
from varsync_runtime.replicas.host.streams import printed, show

__all__ = [
    "Printed",
    "after_birth",
    "aside",
    "before_fork",
    "begin_replica_code",
    "finish",
    "hold",
    "install",
    "printed",
    "set_replica_context",
    "show",
]
