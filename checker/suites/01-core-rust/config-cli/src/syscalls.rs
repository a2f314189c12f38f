//! What a program asks of the kernel so that a file lasts: the test traces it, as `strace` does.

use std::{
    ffi::{c_int, c_long, c_uint, c_void},
    fs, io,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::Command,
    ptr,
};

/// A call that decides what is left after a power failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// A file or a folder was synced, and this is which.
    Sync(PathBuf),
    /// All files were synced, or all of a file system.
    SyncAll,
    /// Something was renamed.
    Rename,
}

#[cfg(target_arch = "x86_64")]
mod number {
    pub(super) const SYNC: [u64; 2] = [74, 75];
    pub(super) const SYNC_ALL: [u64; 2] = [162, 306];
    pub(super) const RENAME: [u64; 3] = [82, 264, 316];
}

#[cfg(target_arch = "aarch64")]
mod number {
    pub(super) const SYNC: [u64; 2] = [82, 83];
    pub(super) const SYNC_ALL: [u64; 2] = [81, 267];
    pub(super) const RENAME: [u64; 2] = [38, 276];
}

const TRACEME: c_uint = 0;
const SYSCALL: c_uint = 24;
const SET_OPTIONS: c_uint = 0x4200;
const GET_SYSCALL_INFO: c_uint = 0x420e;
/// Stops at calls can be told from signals, threads are traced too, and the program ends with us.
const OPTIONS: usize = 0x1 | 0x8 | 0x10_0000;
/// Waits for threads as well, and for no child of another test.
const WAIT: c_int = 0x4000_0000 | 0x2000_0000;

const TRAP: c_int = 5;
const STOP: c_int = 19;

// SAFETY: these are the declarations of the C library.
unsafe extern "C" {
    fn ptrace(request: c_uint, pid: c_int, address: *mut c_void, data: *mut c_void) -> c_long;
    fn waitpid(pid: c_int, status: *mut c_int, options: c_int) -> c_int;
}

/// What the kernel tells about a stop: `struct ptrace_syscall_info` in words of 8 bytes.
#[derive(Default)]
#[repr(C)]
struct Info {
    /// What kind of stop it is, in the lowest byte.
    kind: u64,
    places: [u64; 2],
    number: u64,
    arguments: [u64; 6],
    rest: u64,
}

/// Runs a program to its end. Returns its exit code if it has one, and what it asked for, in order.
///
/// # Errors
/// When the program cannot be started, or this system does not let us trace it.
pub(crate) fn trace(command: &mut Command) -> io::Result<(Option<i32>, Vec<Call>)> {
    // SAFETY: between `fork` and `exec`, the closure does a system call and nothing else.
    unsafe {
        command.pre_exec(|| request(TRACEME, 0, 0, ptr::null_mut()).map(drop));
    }
    let program = command.spawn()?;
    let first = c_int::try_from(program.id()).map_err(io::Error::other)?;
    let mut calls = Vec::new();
    let mut begun = false;
    loop {
        let (pid, status) = wait()?;
        let (low, high) = (status & 0x7f, status >> 8);
        if low != 0x7f {
            if pid == first {
                return Ok(((low == 0).then_some(high & 0xff), calls));
            }
            continue;
        }
        if !begun {
            begun = true;
            request(SET_OPTIONS, pid, 0, ptr::without_provenance_mut(OPTIONS))?;
        }
        let signal = match high {
            // A call, an event such as a new thread, or the start of the program.
            high if high == TRAP | 0x80 => {
                calls.extend(call(pid)?);
                0
            }
            high if high & 0xff == TRAP || high == STOP => 0,
            signal => usize::try_from(signal).unwrap_or(0),
        };
        request(SYSCALL, pid, 0, ptr::without_provenance_mut(signal))?;
    }
}

/// The call that a thread is about to make, if it is one of ours.
fn call(pid: c_int) -> io::Result<Option<Call>> {
    const ENTRY: u64 = 1;
    let mut info = Info::default();
    let data = ptr::from_mut(&mut info).cast();
    request(GET_SYSCALL_INFO, pid, size_of::<Info>(), data)?;
    if info.kind & 0xff != ENTRY {
        return Ok(None);
    }
    Ok(if number::SYNC.contains(&info.number) {
        let file = format!("/proc/{pid}/fd/{}", info.arguments[0]);
        fs::read_link(file).ok().map(Call::Sync)
    } else if number::SYNC_ALL.contains(&info.number) {
        Some(Call::SyncAll)
    } else {
        number::RENAME
            .contains(&info.number)
            .then_some(Call::Rename)
    })
}

fn wait() -> io::Result<(c_int, c_int)> {
    let mut status = 0;
    // SAFETY: `status` is a place for an integer, and lives longer than the call.
    match unsafe { waitpid(-1, &raw mut status, WAIT) } {
        -1 => Err(io::Error::last_os_error()),
        pid => Ok((pid, status)),
    }
}

fn request(request: c_uint, pid: c_int, address: usize, data: *mut c_void) -> io::Result<c_long> {
    // SAFETY: of the requests that are made here, only `GET_SYSCALL_INFO` writes to our memory: at
    // most as many bytes as `address` says, to an `Info`, which is as long.
    match unsafe { ptrace(request, pid, ptr::without_provenance_mut(address), data) } {
        -1 => Err(io::Error::last_os_error()),
        result => Ok(result),
    }
}
