//! When the screen last changed: Xvfb's frame buffer, looked at a few hundred times a second.
//!
//! Looking from outside treats Duet and the empty window alike, and needs no help from either: what
//! counts is when a person sees it. Only a grid of pixels is read, or the looking would cost more
//! than what it looks at.

use std::{
    fs::File,
    hash::{DefaultHasher, Hasher},
    os::unix::fs::FileExt,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// A part of the screen, in hundredths of its width and height, and how a complete one looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Area {
    /// From and to, across.
    pub(crate) across: (usize, usize),
    /// From and to, down.
    pub(crate) down: (usize, usize),
    /// With fewer colours the screen is blank, or says that something went wrong.
    pub(crate) colours: usize,
}

/// All of it: the empty window is complete with its one word in a few shades of grey.
pub(crate) const EVERYTHING: Area = Area {
    across: (0, 100),
    down: (0, 100),
    colours: 4,
};
/// The days of the week: not the header, whose words go on changing, and not the sidebar.
pub(crate) const THE_WEEK: Area = Area {
    across: (35, 97),
    down: (25, 95),
    colours: 40,
};

/// Every fourth line is looked at.
const STRIDE: usize = 4;

/// An open frame buffer.
#[derive(Debug)]
pub(crate) struct Screen {
    file: File,
    pixels: u64,
    line: usize,
    width: usize,
    height: usize,
}

impl Screen {
    /// Opens the frame buffer of a desk's X server.
    pub(crate) fn open(desk: &Path) -> Result<Self> {
        let path = desk.join("screen/Xvfb_screen0");
        let file =
            File::open(&path).with_context(|| format!("could not open {}", path.display()))?;
        let mut header = [0; 100];
        file.read_exact_at(&mut header, 0)?;
        // X's window dump: words of 32 bits, big end first.
        let word = |index: usize| {
            let at = index * 4;
            u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
                as usize
        };
        if word(1) != 7 {
            bail!("{} is no window dump of version 7", path.display());
        }
        let pixels = u64::try_from(word(0) + word(19) * 12)?;
        Ok(Self {
            file,
            pixels,
            width: word(4),
            height: word(5),
            line: word(12),
        })
    }

    /// A number that changes with the pixels of an area.
    pub(crate) fn print_of(&self, area: Area) -> Result<u64> {
        let bytes_per_pixel = self.line / self.width.max(1);
        let left = self.width * area.across.0 / 100 * bytes_per_pixel;
        let right = self.width * area.across.1 / 100 * bytes_per_pixel;
        let mut line = vec![0; right - left];
        let mut hasher = DefaultHasher::new();
        for row in
            (self.height * area.down.0 / 100..self.height * area.down.1 / 100).step_by(STRIDE)
        {
            let at = self.pixels + u64::try_from(row * self.line + left)?;
            self.file.read_exact_at(&mut line, at)?;
            hasher.write(&line);
        }
        Ok(hasher.finish())
    }

    /// Waits until an area has changed from `before` and then not for `still`; says when it last did.
    pub(crate) async fn settled(
        &self,
        area: Area,
        before: u64,
        still: Duration,
        limit: Duration,
    ) -> Result<Instant> {
        let end = Instant::now() + limit;
        let mut last = before;
        let mut changed: Option<Instant> = None;
        while Instant::now() < end {
            let now = self.print_of(area)?;
            if now != last {
                last = now;
                changed = Some(Instant::now());
            }
            match changed {
                Some(at) if at.elapsed() >= still && last != before => return Ok(at),
                _ => tokio::time::sleep(Duration::from_millis(3)).await,
            }
        }
        bail!("the screen did not settle within {limit:?}")
    }
}
