#!/usr/bin/env python3
# ctest: timeout=120 labels=engine
"""The step harness that is told to end, or killed, leaves no process and no file behind."""
import os
import signal
import sys

import steps
from steps import descendants
from tracing import Case, comm, main, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))


class Ends(Case):
    def begin(self):
        """The harness in the middle of its runs."""
        driver = self.start(sys.executable, os.path.join(HERE, "test_steps.py"), stdout=-3, stderr=-3,
                            env={**os.environ, "STEP_MATCH": "^sleeps/plain", "TMPDIR": self.directory, "STEP_SECONDS": "60"})

        def workers():
            return [pid for pid in descendants() if pid != driver.pid and comm(pid).startswith("python")]
        wait_until(lambda: len(workers()) >= 2 and any(comm(pid) == "ipctrace_step" for pid in descendants()), "runs")
        return driver

    def nobody_is_left(self):
        def is_so():
            try:
                os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                pass
            return not descendants()
        wait_until(is_so, "nobody is left")

    def test_told_to_end(self):
        driver = self.begin()
        driver.send_signal(signal.SIGTERM)
        self.assertEqual(driver.wait(30), 143)
        self.nobody_is_left()
        self.assertEqual(os.listdir(self.directory), [])

    def test_killed(self):
        driver = self.begin()
        driver.kill()
        driver.wait(30)
        self.nobody_is_left()


if __name__ == "__main__":
    steps.become_subreaper()
    main()
