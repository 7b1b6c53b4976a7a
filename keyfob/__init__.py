"""The front door: the `keyfob` command, which is the only place that knows both halves.

Importing it lets pyserial find the URL handler of `fob://`.
"""

from keyfob.testing.urlhandler import register

register()
