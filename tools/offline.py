"""Run a command where there is no network but loopback: `python tools/offline.py COMMAND...`.

On Linux as root the command gets a network namespace of its own, so a test that passes there cannot have used
the network. Elsewhere the command runs as it is, and `tests/test_network_off.py` says why in its skip.
"""
import ctypes
import fcntl
import os
import socket
import struct
import sys

CLONE_NEWNET = 0x40000000                       # <linux/sched.h>
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1              # <linux/sockios.h>, <linux/if.h>


def leave_the_network() -> str | None:
    """Move this process into an empty network namespace; return why not, where that is not possible."""
    if sys.platform != "linux":
        return f"network namespaces need Linux; this is {sys.platform}"
    if os.geteuid() != 0:
        return "network namespaces need root"
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        return f"network namespaces are refused here: {os.strerror(ctypes.get_errno())}"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:   # `ip link set lo up`
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP))
    return None


if __name__ == "__main__":
    why_not = leave_the_network()
    os.environ["METACOURSE_NETWORK"] = why_not or "off"
    os.execvp(sys.argv[1], sys.argv[1:])
