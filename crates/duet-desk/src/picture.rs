//! What the X screen shows. Xvfb keeps its frame buffer in a file (`-fbdir`) in the XWD format, so
//! a picture needs no X client at all: map the header, unpack the pixels, write a PNG.

use std::collections::HashSet;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

/// A picture of the whole screen: 8-bit RGB, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels per row.
    pub width: usize,
    /// Number of rows.
    pub height: usize,
    /// `width * height` pixels of three bytes.
    pub rgb: Vec<u8>,
}

/// The places, in 32-bit words, of the header fields that are read (`X11/XWDFile.h`).
mod word {
    pub(super) const HEADER_SIZE: usize = 0;
    pub(super) const VERSION: usize = 1;
    pub(super) const WIDTH: usize = 4;
    pub(super) const HEIGHT: usize = 5;
    pub(super) const BYTE_ORDER: usize = 7;
    pub(super) const BITS_PER_PIXEL: usize = 11;
    pub(super) const BYTES_PER_LINE: usize = 12;
    pub(super) const COLORS: usize = 19;
}

impl Picture {
    /// Unpacks an XWD file of version 7 with 32 bits a pixel, as Xvfb keeps it.
    ///
    /// # Errors
    /// When the bytes are something else.
    pub fn from_xwd(bytes: &[u8]) -> Result<Self> {
        let field = |at: usize| -> Result<usize> {
            let word = bytes
                .get(at * 4..at * 4 + 4)
                .context("the XWD header is cut off")?;
            Ok(u32::from_be_bytes([word[0], word[1], word[2], word[3]]) as usize)
        };
        ensure!(field(word::VERSION)? == 7, "not an XWD file of version 7");
        ensure!(
            field(word::BITS_PER_PIXEL)? == 32,
            "the screen is not 32 bits a pixel"
        );
        let (width, height) = (field(word::WIDTH)?, field(word::HEIGHT)?);
        let line = field(word::BYTES_PER_LINE)?;
        let start = field(word::HEADER_SIZE)? + field(word::COLORS)? * 12;
        let little_endian = field(word::BYTE_ORDER)? == 0;
        let mut rgb = Vec::with_capacity(width * height * 3);
        for row in 0..height {
            let from = start + row * line;
            let pixels = bytes
                .get(from..from + width * 4)
                .context("the XWD pixels are cut off")?;
            for pixel in pixels.chunks_exact(4) {
                // The masks are always 0xff0000, 0xff00, 0xff on Xvfb's 24-bit screen.
                match (little_endian, pixel) {
                    (true, [b, g, r, _]) | (false, [_, r, g, b]) => {
                        rgb.extend_from_slice(&[*r, *g, *b]);
                    }
                    _ => bail!("a pixel is not four bytes"),
                }
            }
        }
        Ok(Self { width, height, rgb })
    }

    /// How many different colours it has; a blank screen has one.
    pub fn colors(&self) -> usize {
        self.rgb
            .chunks_exact(3)
            .map(|pixel| (pixel[0], pixel[1], pixel[2]))
            .collect::<HashSet<_>>()
            .len()
    }

    /// The mean brightness, from 0 (black) to 255 (white).
    pub fn brightness(&self) -> f64 {
        let sum: u64 = self.rgb.iter().map(|byte| u64::from(*byte)).sum();
        sum as f64 / self.rgb.len().max(1) as f64
    }

    /// Writes it as a PNG file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_png(&self, path: &Path) -> Result<()> {
        let file = File::create(path).with_context(|| format!("creating {}", path.display()))?;
        let mut encoder =
            png::Encoder::new(BufWriter::new(file), self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.rgb)?;
        writer.finish()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xwd(width: u32, height: u32, pixels: &[[u8; 4]]) -> Vec<u8> {
        let mut words = [0u32; 25];
        words[word::HEADER_SIZE] = 100;
        words[word::VERSION] = 7;
        words[word::WIDTH] = width;
        words[word::HEIGHT] = height;
        words[word::BITS_PER_PIXEL] = 32;
        words[word::BYTES_PER_LINE] = width * 4;
        words[word::COLORS] = 1;
        let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        bytes.extend_from_slice(&[0; 12]);
        bytes.extend(pixels.iter().flatten());
        bytes
    }

    #[test]
    fn pixels_come_out_as_rgb() {
        let picture = Picture::from_xwd(&xwd(2, 1, &[[3, 2, 1, 0], [6, 5, 4, 0]])).unwrap();
        assert_eq!(
            picture,
            Picture {
                width: 2,
                height: 1,
                rgb: vec![1, 2, 3, 4, 5, 6]
            }
        );
        assert_eq!(picture.colors(), 2);
    }

    #[test]
    fn a_cut_off_file_is_an_error() {
        let bytes = xwd(2, 2, &[[0; 4]; 4]);
        assert!(Picture::from_xwd(&bytes[..bytes.len() - 1]).is_err());
        assert!(Picture::from_xwd(&bytes[..40]).is_err());
    }
}
