//! Bodies: reading a request's to its end, and sending an answer's whole or breaking off inside it.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use hyper::body::{Body, Bytes, Frame, SizeHint};

/// No request of the calendar API is larger; a bigger one is refused.
const LARGEST_REQUEST: usize = 16 * 1024 * 1024;
static BLANKS: [u8; 64 * 1024] = [b' '; 64 * 1024];

/// The connection is to be dropped, by a fault.
#[derive(Debug, thiserror::Error)]
#[error("dropped by a scripted fault")]
pub(crate) struct Dropped;

/// A request's body; None when it breaks off or is too large.
pub(crate) async fn read_body<B>(mut body: B) -> Option<Bytes>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut read = Vec::new();
    loop {
        let frame = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
        match frame {
            None => return Some(Bytes::from(read)),
            Some(Err(_)) => return None,
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    read.extend_from_slice(data);
                }
                if read.len() > LARGEST_REQUEST {
                    return None;
                }
            }
        }
    }
}

/// An answer's body, whole or breaking off.
pub(crate) struct Payload {
    data: Option<Bytes>,
    cut: bool,
    flushes: u8,
    /// Bytes still to be sent of a body without end.
    huge: usize,
}

impl Payload {
    pub(crate) fn new(mut data: Vec<u8>, cut: Option<usize>) -> Payload {
        if let Some(after) = cut {
            data.truncate(after);
        }
        let data = (!data.is_empty()).then(|| Bytes::from(data));
        Payload {
            data,
            cut: cut.is_some(),
            flushes: 2,
            huge: 0,
        }
    }

    /// The beginning of JSON and then blanks, made as they are read.
    pub(crate) fn huge(bytes: usize) -> Payload {
        let data = Some(Bytes::from_static(b"{\"items\":["));
        Payload {
            data,
            cut: false,
            flushes: 0,
            huge: bytes,
        }
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        if let Some(data) = self.data.take() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        if self.huge > 0 {
            let length = self.huge.min(BLANKS.len());
            self.huge -= length;
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&BLANKS[..length])))));
        }
        if !self.cut {
            return Poll::Ready(None);
        }
        // The connection writes out what it has while a body is pending; only then it may break.
        if self.flushes > 0 {
            self.flushes -= 1;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(Dropped)))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none() && !self.cut && self.huge == 0
    }

    fn size_hint(&self) -> SizeHint {
        match (&self.data, self.cut || self.huge > 0) {
            (_, true) => SizeHint::default(),
            (data, false) => {
                SizeHint::with_exact(data.as_ref().map_or(0, |data| data.len() as u64))
            }
        }
    }
}
