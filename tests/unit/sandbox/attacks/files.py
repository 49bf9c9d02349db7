"""Reading, changing and leaving files outside the sandbox."""

from __future__ import annotations

import ctypes
import os
import struct

from tests.unit.sandbox.attacks import Target, attack, checked, libc, read, syscall


@attack
def open_the_file(t: Target) -> object:
    return read(t, t["file"])


@attack
def open_through_own_root(t: Target) -> object:
    return read(t, "/proc/self/root" + t["file"])


@attack
def open_through_the_launchers_root(t: Target) -> object:
    return read(t, f"/proc/{t['pid']}/root" + t["file"])


@attack
def open_through_the_launchers_descriptor(t: Target) -> object:
    return read(t, f"/proc/{t['pid']}/fd/{t['fd']}")


@attack
def open_through_a_symbolic_link(t: Target) -> object:
    os.symlink(t["file"], "soft")
    return read(t, "soft")


@attack
def open_through_dots(t: Target) -> object:
    return read(t, "../" * 20 + t["file"].lstrip("/"))


@attack
def hard_link(t: Target) -> object:
    os.link(t["file"], "hard")
    return read(t, "hard")


@attack
def list_the_folder(t: Target) -> object:
    return os.listdir(os.path.dirname(t["file"]))


@attack
def rename_the_file(t: Target) -> object:
    os.rename(t["file"], t["file"] + ".moved")
    os.rename(t["file"] + ".moved", t["file"])
    return True


@attack
def change_its_mode(t: Target) -> None:
    os.chmod(t["file"], 0o604)  # bare pretends success; trusted.py looks at the mode


@attack
def truncate_by_path(t: Target) -> object:
    os.truncate(t["file"], t["size"])
    return True


@attack
def truncate_by_opening(t: Target) -> object:
    os.close(os.open(t["spare"], os.O_RDONLY | os.O_TRUNC))
    return True


@attack
def write_outside(t: Target) -> object:
    for folder in ("/var/tmp", "/usr/local/bin", "/opt", "/etc", "/srv", os.path.dirname(t["file"])):
        try:
            os.close(os.open(folder + "/.kernel-guard-probe", os.O_CREAT | os.O_WRONLY))
        except OSError:
            continue
        os.unlink(folder + "/.kernel-guard-probe")
        return folder
    return False


@attack
def write_into_the_package(_: Target) -> object:
    import kernel_guard.sandbox.inside as package

    os.close(os.open(os.path.dirname(package.__file__ or "") + "/stage.py", os.O_WRONLY))
    return True


@attack
def read_shadow(_: Target) -> object:
    os.close(os.open("/etc/shadow", os.O_RDONLY))
    return True


@attack
def mount_something(_: Target) -> object:
    os.makedirs("mnt", exist_ok=True)
    return checked(libc.mount(b"/", b"mnt", None, 4096, None)) == 0


@attack
def remount_writable(_: Target) -> object:
    return checked(libc.mount(None, b"/usr", None, 32 | 4096, None)) == 0


@attack
def open_by_handle(t: Target) -> object:
    handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + bytes(128), 136)
    syscall("name_to_handle_at", -100, ctypes.c_char_p(t["file"].encode()), handle, ctypes.byref(ctypes.c_int()), 0)
    return True
