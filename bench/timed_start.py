"""A function that starts as Lambda starts it, and the processor time of its parts.

`bench.cold_start` runs this file in a process without other packages. The arguments are the directories of the
code and of the Lambda runtime, the name of the function, its event, and the kind of start. The output has the status
of the response, and seconds of the storage library, of the import, of the response and of the same response again.
"""

import builtins
import sys
import time

STORAGE = ("pynamodb", "botocore")
NEW, RESTORED, BARE = "new", "restored", "bare"


class StorageClock:
    """The processor time of the storage library, which is its imports and every call into it."""

    def __init__(self):
        # Chalice imports it anyway.
        import threading

        self.seconds = 0.0
        self._thread = threading.local()
        self._import = builtins.__import__
        self._is_wrapped = False

    def start(self):
        """Time the library from now on. What was imported before belongs to the hello-world."""
        builtins.__import__ = self._timed_import

    def _timed_import(self, name, *rest, **more):
        found = (self._timed(self._import) if name.startswith(STORAGE) else self._import)(name, *rest, **more)
        # The models of the app are defined after this import.
        if not self._is_wrapped and not self._is_inside and "pynamodb.models" in sys.modules:
            self._is_wrapped = True
            self._wrap_calls()
        return found

    @property
    def _is_inside(self):
        return getattr(self._thread, "inside", False)

    def _timed(self, call):
        def wrapper(*arguments, **more):
            # A nested call is already in the time of the outer one.
            if self._is_inside:
                return call(*arguments, **more)
            self._thread.inside = True
            # Time of this thread only: calls run in parallel.
            asked = time.thread_time()
            try:
                return call(*arguments, **more)
            finally:
                self.seconds += time.thread_time() - asked
                self._thread.inside = False

        return wrapper

    def _wrap_calls(self):
        from pynamodb.connection.base import Connection
        from pynamodb.models import MetaModel, Model
        from pynamodb.pagination import ResultIterator

        MetaModel.__init__ = self._timed(MetaModel.__init__)
        Connection.session = property(self._timed(Connection.session.fget))
        Connection._make_api_call = self._timed(Connection._make_api_call)
        # These include building the request and the models of the response.
        Model.get, Model.query = (classmethod(self._timed(call.__func__)) for call in (Model.get, Model.query))
        ResultIterator.__next__ = self._timed(ResultIterator.__next__)


def main(began, code, runtime, name, event, kind):
    """Start the function, send it the event twice, and print the times."""
    sys.path[:0] = code, runtime
    import json

    storage = None
    if kind != BARE:
        import chalice.app  # noqa: F401 - before the clock of the storage library

        storage = StorageClock()
        storage.start()
    import app

    function = getattr(app, name)
    if kind == RESTORED:
        from chalicelib.handlers.function_snapshot import prepare, renew

        prepare(app.context)
        # A snapshot holds everything until here.
        storage.seconds, began = 0.0, time.process_time()
        renew(app.context)
    started = time.process_time()
    response = function(json.loads(event), None)
    ended, asked = time.process_time(), storage.seconds if storage else 0.0
    function(json.loads(event), None)
    again = time.process_time() - ended - ((storage.seconds if storage else 0.0) - asked)
    status = response["statusCode"] if name == "app" else None
    print(json.dumps([status, asked, started - began, ended - started, again]), file=sys.stderr)


if __name__ == "__main__":
    main(time.process_time(), *sys.argv[1:])
