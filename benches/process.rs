//! Servers as child processes: started on a port of their own, read through `/proc`, and stopped by
//! their process id whatever happens (end of scope, panic, a signal to this process).

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::settings::Settings;
use crate::{Fallible, http};

/// How long a server may take until it answers at all.
const START_TIMEOUT: Duration = Duration::from_secs(20);
/// Bytes of a server's standard error kept for an error message.
const TAIL_BYTES: usize = 4096;
/// Kernel clock ticks per second in `/proc/PID/stat`: `USER_HZ`, 100 on every Linux this runs on.
const TICKS_PER_SECOND: u64 = 100;
/// How long to wait for a server's work after the last answer (events, drops) before going on.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(3);

/// Every child that runs, so that a signal's handler can stop them.
static CHILDREN: Mutex<Vec<Arc<Mutex<Child>>>> = Mutex::new(Vec::new());

/// What is done with a server's standard error.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Stderr {
    /// A pipe, read as fast as it comes, as `docker logs` does; the end is kept for error messages.
    Read,
    /// A pipe that stays open and that nobody reads.
    Unread,
    /// `/dev/null`: nothing to read, nothing to wait for.
    Null,
}

/// A running server; dropping it stops its process.
pub(crate) struct Server {
    child: Arc<Mutex<Child>>,
    pid: u32,
    /// Where it listens.
    pub address: SocketAddr,
    stderr: Arc<Tail>,
    /// Held open for [`Stderr::Unread`].
    unread: Option<ChildStderr>,
}

/// The last bytes that a server wrote, and how many lines there were.
#[derive(Default)]
struct Tail {
    bytes: Mutex<Vec<u8>>,
    lines: AtomicU64,
}

impl Server {
    /// Starts Pinstripe on a free port and waits until `GET /healthz` answers 200.
    pub(crate) fn pinstripe(settings: &Settings, flags: &[&str], stderr: Stderr) -> Fallible<Self> {
        let port = free_port()?;
        let server = Self::start(pinstripe_command(settings, port, flags), port, stderr, None)?;
        server.wait_until_ready()?;
        Ok(server)
    }

    /// Starts a command that will listen on that port; `input` is written to its standard input, which
    /// then stays open as long as the server lives.
    pub(crate) fn start(mut command: Command, port: u16, stderr: Stderr, input: Option<&[u8]>) -> Fallible<Self> {
        command
            .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::null())
            .stderr(if stderr == Stderr::Null { Stdio::null() } else { Stdio::piped() });
        let mut child = command.spawn().map_err(|error| format!("cannot start {command:?}: {error}"))?;
        let pid = child.id();
        let pipe = child.stderr.take();
        let child = Arc::new(Mutex::new(child));
        lock(&CHILDREN).push(Arc::clone(&child));
        let mut server =
            Self { child, pid, address: (Ipv4Addr::LOCALHOST, port).into(), stderr: Arc::default(), unread: None };
        match (stderr, pipe) {
            (Stderr::Read, Some(pipe)) => {
                let tail = Arc::clone(&server.stderr);
                std::thread::spawn(move || tail.drain(pipe));
            }
            (_, pipe) => server.unread = pipe,
        }
        if let (Some(input), Some(stdin)) = (input, lock(&server.child).stdin.as_mut()) {
            stdin.write_all(input)?;
        }
        Ok(server)
    }

    /// Waits until the server answers `GET /healthz` with 200.
    pub(crate) fn wait_until_ready(&self) -> Fallible<()> {
        let started = Instant::now();
        while !self.is_ready() {
            self.check_alive(started)?;
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(())
    }

    /// One attempt at `GET /healthz` on a fresh connection.
    pub(crate) fn is_ready(&self) -> bool {
        let attempt = || -> Fallible<u16> {
            let mut stream = TcpStream::connect(self.address)?;
            stream.set_read_timeout(Some(Duration::from_secs(2)))?;
            let request = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
            stream.write_all(request.as_bytes())?;
            let mut bytes = [0; 4096];
            let mut filled = 0;
            while let count @ 1.. = stream.read(&mut bytes[filled..])? {
                filled += count;
                // The status line is enough.
                if filled >= 12 && bytes.starts_with(b"HTTP/1.1 ") {
                    return Ok(std::str::from_utf8(&bytes[9..12])?.parse()?);
                }
            }
            Err(http::excerpt(&bytes[..filled]).into())
        };
        matches!(attempt(), Ok(200))
    }

    /// Fails if the process has ended, or has not become ready in time.
    pub(crate) fn check_alive(&self, started: Instant) -> Fallible<()> {
        if let Some(status) = lock(&self.child).try_wait()? {
            std::thread::sleep(Duration::from_millis(50)); // let the tail arrive
            return Err(format!("the server ended ({status}): {}", self.stderr_tail()).into());
        }
        if started.elapsed() > START_TIMEOUT {
            return Err(format!("not ready after {START_TIMEOUT:?}: {}", self.stderr_tail()).into());
        }
        Ok(())
    }

    /// User and system time that the process has used so far.
    pub(crate) fn cpu_time(&self) -> Fallible<Duration> {
        cpu_time(&self.pid.to_string())
    }

    /// Waits until the process does nothing any more, and gives the CPU time it has used by then. Work
    /// that a server puts off until after its answer is thus counted.
    pub(crate) fn settle(&self) -> Fallible<Duration> {
        let started = Instant::now();
        let mut before = self.cpu_time()?;
        loop {
            std::thread::sleep(Duration::from_millis(40));
            let now = self.cpu_time()?;
            if now == before || started.elapsed() > SETTLE_TIMEOUT {
                return Ok(now);
            }
            before = now;
        }
    }

    /// A field of `/proc/PID/status` in kilobytes, such as `VmRSS`.
    pub(crate) fn memory_kb(&self, field: &str) -> Fallible<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        status
            .lines()
            .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))
            .and_then(|rest| rest.trim().strip_suffix(" kB")?.parse().ok())
            .ok_or_else(|| format!("no {field} in /proc/{}/status", self.pid).into())
    }

    /// How many lines the server has written to a [`Stderr::Read`] pipe.
    pub(crate) fn lines_logged(&self) -> u64 {
        self.stderr.lines.load(Ordering::Relaxed)
    }

    /// The end of what the server wrote to standard error, for error messages.
    pub(crate) fn stderr_tail(&self) -> String {
        String::from_utf8_lossy(&lock(&self.stderr.bytes)).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        stop(&self.child);
        drop(self.unread.take());
        lock(&CHILDREN).retain(|child| !Arc::ptr_eq(child, &self.child));
    }
}

impl Tail {
    /// Reads a pipe to its end.
    #[allow(clippy::naive_bytecount, reason = "not worth a dependency")]
    fn drain(&self, mut pipe: ChildStderr) {
        let mut chunk = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = pipe.read(&mut chunk) {
            let new = &chunk[..count];
            let lines = new.iter().filter(|byte| **byte == b'\n').count();
            self.lines.fetch_add(lines as u64, Ordering::Relaxed);
            let mut kept = lock(&self.bytes);
            kept.extend_from_slice(&new[count.saturating_sub(TAIL_BYTES)..]);
            let surplus = kept.len().saturating_sub(TAIL_BYTES);
            kept.drain(..surplus);
        }
    }
}

/// The command that starts Pinstripe on a port. Variables of the surrounding shell must not change what
/// is measured, so its `PINSTRIPE_*` are taken away.
pub(crate) fn pinstripe_command(settings: &Settings, port: u16, flags: &[&str]) -> Command {
    let mut command = Command::new(&settings.binary);
    command.args(["--port", &port.to_string()]).args(flags);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PINSTRIPE_") {
            command.env_remove(name);
        }
    }
    command.env("PINSTRIPE_CA", "memory");
    command
}

/// User and system time of this process: what the load generator itself costs.
pub(crate) fn own_cpu_time() -> Fallible<Duration> {
    cpu_time("self")
}

fn cpu_time(process: &str) -> Fallible<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The second field, the name in parentheses, may hold spaces; count from behind it. `utime` and
    // `stime` are the 14th and 15th field, so the 12th and 13th from there.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: Vec<u64> = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    match ticks[..] {
        [user, system] => Ok(Duration::from_millis((user + system) * 1000 / TICKS_PER_SECOND)),
        _ => Err(format!("cannot read /proc/{process}/stat: {stat}").into()),
    }
}

/// A port on which nothing listens now.
///
/// It lies below the range from which the kernel takes the local ports of outgoing connections: a client
/// that tries in a tight loop to connect to a port of that range can end up connected to itself.
pub(crate) fn free_port() -> Fallible<u16> {
    const FIRST: u16 = 20_000;
    const COUNT: u16 = 10_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let offset = (std::process::id() % u32::from(COUNT)) as u16;
    for _ in 0..COUNT {
        let port = FIRST + (offset + NEXT.fetch_add(1, Ordering::Relaxed) % COUNT) % COUNT;
        let in_use = |error: std::io::Error| error.kind() == std::io::ErrorKind::AddrInUse;
        let free_v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
        let taken_v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).is_err_and(in_use);
        if free_v4 && !taken_v6 {
            return Ok(port);
        }
    }
    Err("no free port on 127.0.0.1".into())
}

/// On SIGINT or SIGTERM, stops every child before this process ends.
pub(crate) fn stop_children_on_signals() -> Fallible<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut interrupt, mut terminate) = {
        let _context = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    std::thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! { _ = interrupt.recv() => (), _ = terminate.recv() => () }
        });
        for child in lock(&CHILDREN).iter() {
            stop(child);
        }
        std::process::exit(130);
    });
    Ok(())
}

/// Kills a child by its process id and waits for its end; one that has ended already is left alone.
fn stop(child: &Mutex<Child>) {
    let mut child = lock(child);
    if let Err(error) = child.kill().and_then(|()| child.wait()) {
        eprintln!("cannot stop process {}: {error}", child.id());
    }
}

/// Locks even after a panic: children must be stopped then too.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
