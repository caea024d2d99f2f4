//! The load generator: keep-alive connections that each send a request, wait for its whole answer and
//! send the next, from a few single-threaded tokio runtimes. No HTTP library: requests are bytes made
//! beforehand, and of an answer only status and length are parsed. It shares the machine with the server
//! it measures, so what it costs itself is reported too.

use std::net::SocketAddr;
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Fallible;
use crate::http::{excerpt, parse_head};
use crate::settings::Settings;

/// No load sends more requests than this, however long it runs.
const MOST_REQUESTS: u64 = 20_000_000;
/// No load that ends by count runs longer than this.
const LONGEST: Duration = Duration::from_mins(5);
/// How long after its end a load may still wait for answers; more is a hang.
const GRACE: Duration = Duration::from_secs(10);

/// When a load ends.
#[derive(Clone, Copy)]
pub(crate) enum Stop {
    /// After a time.
    After(Duration),
    /// After exactly so many requests, over all connections.
    Count(u64),
}

/// The requests of a load, and who sends which.
#[derive(Clone)]
pub(crate) struct Script {
    requests: Arc<Vec<Vec<u8>>>,
    block: usize,
    least_body: usize,
}

impl Script {
    /// Each connection walks through all requests, each starting at another one.
    pub(crate) fn spread(requests: Vec<Vec<u8>>) -> Self {
        Self { requests: Arc::new(requests), block: 0, least_body: 0 }
    }

    /// All connections send the same request `block` times, then all go on to the next: they keep
    /// meeting at the same one.
    pub(crate) fn in_blocks(requests: Vec<Vec<u8>>, block: usize) -> Self {
        Self { requests: Arc::new(requests), block: block.max(1), least_body: 0 }
    }

    /// Every answer must have a body of at least so many bytes: an empty 200 is no success.
    pub(crate) fn expecting(self, least_body: usize) -> Self {
        Self { least_body, ..self }
    }

    fn request(&self, connection: usize, connections: usize, turn: usize) -> &[u8] {
        let count = self.requests.len();
        let index = match self.block {
            0 => connection * count / connections + turn,
            block => turn / block,
        };
        &self.requests[index % count]
    }
}

/// What a load measured.
pub(crate) struct Sample {
    /// Requests answered 200; anything else would have failed the load.
    pub requests: u64,
    /// From the common start to the last answer.
    pub elapsed: Duration,
    /// Nanoseconds from sending to the whole answer, one per request, unordered.
    pub latencies: Vec<u32>,
}

/// Sends a load and waits for its end. Fails on the first answer that is not a 200, with that answer.
pub(crate) fn run(settings: &Settings, server: SocketAddr, script: &Script, stop: Stop) -> Fallible<Sample> {
    if script.requests.is_empty() {
        return Err("a load without requests".into());
    }
    let barrier = Barrier::new(settings.threads);
    let parts = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..settings.threads)
            .map(|thread| {
                let barrier = &barrier;
                scope.spawn(move || run_thread(settings, server, script, stop, thread, barrier))
            })
            .collect();
        let joined = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("a thread of the load generator panicked".into())));
        joined.collect::<Fallible<Vec<_>>>()
    })?;
    let start = parts.iter().map(|part| part.start).min().ok_or("no threads")?;
    let end = parts.iter().map(|part| part.end).max().ok_or("no threads")?;
    let latencies: Vec<u32> = parts.into_iter().flat_map(|part| part.latencies).collect();
    let requests = latencies.len() as u64;
    if let Stop::Count(count) = stop
        && count != requests
    {
        return Err(format!("only {requests} of {count} requests within {LONGEST:?}").into());
    }
    Ok(Sample { requests, elapsed: end - start, latencies })
}

/// What one thread of the generator saw.
struct Part {
    start: Instant,
    end: Instant,
    latencies: Vec<u32>,
}

fn run_thread(
    settings: &Settings,
    server: SocketAddr,
    script: &Script,
    stop: Stop,
    thread: usize,
    barrier: &Barrier,
) -> Fallible<Part> {
    let mine: Vec<usize> = (thread..settings.connections).step_by(settings.threads).collect();
    let connect = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let streams = runtime.block_on(async {
            let mut streams = Vec::new();
            for _ in &mine {
                let stream = tokio::time::timeout(GRACE, TcpStream::connect(server)).await??;
                stream.set_nodelay(true)?;
                streams.push(stream);
            }
            Fallible::Ok(streams)
        })?;
        Fallible::Ok((runtime, streams))
    };
    // All threads meet here, also those that failed: nobody waits for ever.
    let connected = connect();
    barrier.wait();
    let (runtime, streams) = connected?;
    let start = Instant::now();
    let time = match stop {
        Stop::After(time) => time,
        Stop::Count(_) => LONGEST,
    };
    let latencies = runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for (stream, connection) in streams.into_iter().zip(mine) {
            let connection = Connection {
                stream,
                script: script.clone(),
                index: connection,
                of: settings.connections,
                quota: quota(stop, connection, settings.connections),
                deadline: start + time,
            };
            tasks.spawn(tokio::time::timeout(time + GRACE, connection.drive()));
        }
        let mut latencies = Vec::new();
        while let Some(done) = tasks.join_next().await {
            let answered = done?.map_err(|_| format!("no answer for {GRACE:?}: the server hangs"))?;
            latencies.append(&mut answered?);
        }
        Fallible::Ok(latencies)
    })?;
    Ok(Part { start, end: Instant::now(), latencies })
}

/// How many requests a connection sends at most.
fn quota(stop: Stop, connection: usize, connections: usize) -> usize {
    let total = match stop {
        Stop::After(_) => MOST_REQUESTS,
        Stop::Count(count) => count,
    } as usize;
    total / connections + usize::from(connection < total % connections)
}

/// One keep-alive connection and its share of the load.
struct Connection {
    stream: TcpStream,
    script: Script,
    index: usize,
    of: usize,
    quota: usize,
    deadline: Instant,
}

impl Connection {
    /// Sends until the quota or the deadline; gives the latencies in nanoseconds.
    async fn drive(mut self) -> Fallible<Vec<u32>> {
        let mut latencies = Vec::new();
        let mut buffer = vec![0; 64 * 1024];
        let mut sent = Instant::now();
        for turn in 0..self.quota {
            if sent >= self.deadline {
                break;
            }
            let request = self.script.request(self.index, self.of, turn);
            self.stream.write_all(request).await?;
            read_200(&mut self.stream, &mut buffer, request, self.script.least_body).await?;
            let answered = Instant::now();
            let nanoseconds = (answered - sent).as_nanos();
            latencies.push(u32::try_from(nanoseconds).unwrap_or(u32::MAX));
            sent = answered;
        }
        Ok(latencies)
    }
}

/// Reads one answer, whole, and fails unless it is a 200 with a body of the least length or more.
async fn read_200(stream: &mut TcpStream, buffer: &mut Vec<u8>, request: &[u8], least_body: usize) -> Fallible<()> {
    let mut filled = 0;
    let mut head = None;
    loop {
        if filled == buffer.len() {
            buffer.resize(2 * filled, 0);
        }
        let count = stream.read(&mut buffer[filled..]).await?;
        let refusal = |what: &str| {
            format!("{what}\n--- asked\n{}\n--- got\n{}", excerpt(request), excerpt(&buffer[..filled + count]))
        };
        if count == 0 {
            return Err(refusal("the server closed the connection").into());
        }
        if head.is_none() {
            head = parse_head(&buffer[..filled + count])?;
        }
        if let Some(head) = &head
            && filled + count >= head.total
        {
            return match head.status {
                200 if head.total - head.body_start < least_body => {
                    Err(refusal(&format!("a body of less than {least_body} bytes")).into())
                }
                200 if filled + count == head.total => Ok(()),
                200 => Err(refusal("more bytes than one answer").into()),
                status => Err(refusal(&format!("status {status}")).into()),
            };
        }
        filled += count;
    }
}
