"""The process that analyses: it takes a job from its standard input and answers, and so on.

It ends when nobody can ask it any more, be it in the middle of a job.
"""

from __future__ import annotations

import gc
import os
import pickle
import queue
import signal
import sys
import threading
import traceback
from typing import Any, BinaryIO

from varsync.errors import CannotRun
from varsync.server.checker import Checker
from varsync.server.jobs import LENGTH, CheckOpen, Failed, Job, packed


def main() -> None:
    """Answers jobs until the standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # what a job leaves is taken away when it is answered
    gc.disable()
    questions = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    # whatever anybody prints is no answer
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(questions, waiting), daemon=True).start()
    checker = Checker()
    while True:
        answer = packed(_answer(checker, waiting.get()))
        try:
            answers.write(answer)
            answers.flush()
        except OSError:
            return
        del answer
        gc.collect()


def _receive(questions: BinaryIO, waiting: queue.SimpleQueue[Job]) -> None:
    while True:
        head = questions.read(LENGTH.size)
        data = questions.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else b""
        if not data:
            os._exit(0)
        waiting.put(pickle.loads(data))


def _answer(checker: Checker, job: Job) -> Any:
    try:
        if isinstance(job, CheckOpen):
            return checker.check_open(job)
        return checker.fix_file(job)
    except CannotRun as refusal:
        return refusal
    except Exception as error:
        words = " ".join(str(error).split())[:300]
        return Failed(f"{type(error).__name__}: {words}", traceback.format_exc())
