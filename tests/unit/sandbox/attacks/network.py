"""Reaching anything that listens outside, or being reached."""

from __future__ import annotations

import os
import socket

from tests.unit.sandbox.attacks import Target, attack, read


@attack
def tcp_of_the_host(t: Target) -> object:
    return socket.create_connection(("127.0.0.1", t["tcp"]), 0.5)


@attack
def tcp_to_the_outside(_: Target) -> object:
    with socket.socket() as probe:
        probe.settimeout(0.3)
        try:
            probe.connect(("192.0.2.1", 80))
        except TimeoutError:
            pass  # a packet left
        return True


@attack
def udp_of_the_host(t: Target) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.sendto(b"x", ("127.0.0.1", t["udp"]))


@attack
def raw_socket(_: Target) -> object:
    return socket.socket(socket.AF_PACKET, socket.SOCK_RAW)


@attack
def hypervisor_socket(_: Target) -> object:
    return socket.socket(40, socket.SOCK_STREAM)


@attack
def interfaces_of_the_host(_: Target) -> object:
    return {name for _, name in socket.if_nameindex()} - {"lo"}


@attack
def unix_socket_in_a_folder(t: Target) -> object:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect(t["unix"])
        return True


@attack
def abstract_unix_socket(t: Target) -> object:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect("\0" + t["abstract"])
        return True


@attack
def datagram_to_a_unix_socket(t: Target) -> object:
    ours, _theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    return ours.sendto(b"x", t["datagram"])


@attack
def point_the_vaults_socket_elsewhere(t: Target) -> object:
    with socket.socket(fileno=os.dup(int(os.environ["KERNEL_GUARD_FD"]))) as vault:
        vault.connect(t["unix"])
        return True


@attack
def listen_for_the_host(t: Target) -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", t["free_port"]))
    listener.listen()
    t["kept"] = listener  # trusted.py tries to connect


@attack
def shared_memory_of_the_host(t: Target) -> object:
    return read(t, t["shared_memory"])
