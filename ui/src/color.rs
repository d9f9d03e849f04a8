//! Ink and tints for any calendar colour, legible in both themes.
//!
//! A calendar's colour is Google's or the person's choice and can be anything. Here it becomes the
//! colours of a block: a tint to stand on, the stripes of the busy-only hatch, an edge, and an ink
//! that keeps at least 4.5 : 1 against every one of its grounds, in light and in dark.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

/// What is drawn where a block has no calendar colour.
const NEUTRAL: Rgb = Rgb(0.44, 0.46, 0.50);
/// `--surface` and `--ink` of styles/tokens.css in the light theme; a test compares them.
const LIGHT: Ground = Ground {
    surface: "#ffffff",
    ink: "#1d1d22",
};
/// The same in the dark theme.
const DARK: Ground = Ground {
    surface: "#17181c",
    ink: "#ececf0",
};
/// WCAG 2.2 AA for text, with a hair of room for rounding to 8 bits.
const TEXT_CONTRAST: f32 = 4.56;
/// WCAG 2.2 for marks that carry meaning.
const MARK_CONTRAST: f32 = 3.0;

struct Ground {
    surface: &'static str,
    ink: &'static str,
}

/// Gamma-encoded sRGB, each 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rgb(f32, f32, f32);

/// The colours of a block in one theme.
#[derive(Clone, Copy, Debug)]
struct Paint {
    edge: Rgb,
    tint: Rgb,
    stripe: Rgb,
    ink: Rgb,
}

/// The custom properties of a block in this colour, as a `style` value: `--edge`, `--tint`,
/// `--stripe` and `--on-tint`, each for both themes, so that a change of theme repaints nothing here.
pub(crate) fn style(color: Option<&str>) -> Rc<str> {
    thread_local! {
        // A week has hundreds of blocks and a dozen colours.
        static KNOWN: RefCell<HashMap<String, Rc<str>>> = RefCell::new(HashMap::new());
    }
    let key = color.unwrap_or_default();
    KNOWN.with_borrow_mut(|known| {
        if let Some(style) = known.get(key) {
            return style.clone();
        }
        let base = parse(key).unwrap_or(NEUTRAL);
        let (light, dark) = (
            paint(base, &LIGHT, 0.13, 0.20),
            paint(base, &DARK, 0.22, 0.31),
        );
        let pair = |name: &str, pick: fn(&Paint) -> Rgb| {
            format!(
                "--{name}:light-dark({},{});",
                hex(pick(&light)),
                hex(pick(&dark))
            )
        };
        let style: Rc<str> = [
            pair("edge", |paint| paint.edge),
            pair("tint", |paint| paint.tint),
            pair("stripe", |paint| paint.stripe),
            pair("on-tint", |paint| paint.ink),
        ]
        .concat()
        .into();
        known.insert(key.to_owned(), style.clone());
        style
    })
}

fn paint(base: Rgb, ground: &Ground, tint: f32, stripe: f32) -> Paint {
    let surface = parse(ground.surface).unwrap_or(NEUTRAL);
    let ink = parse(ground.ink).unwrap_or(NEUTRAL);
    let tint = mix(base, surface, tint);
    let stripe = mix(base, surface, stripe);
    let seed = mix(base, ink, 0.62);
    Paint {
        edge: legible(base, ink, &[surface], MARK_CONTRAST),
        ink: legible(seed, ink, &[tint, stripe, surface], TEXT_CONTRAST),
        tint,
        stripe,
    }
}

/// The first step on the way from `seed` to `end` that stands out enough on all the grounds.
fn legible(seed: Rgb, end: Rgb, grounds: &[Rgb], wanted: f32) -> Rgb {
    (0..=20)
        .map(|step| mix(end, seed, step as f32 / 20.0))
        .find(|color| {
            grounds
                .iter()
                .all(|ground| contrast(*color, *ground) >= wanted)
        })
        .unwrap_or(end)
}

/// `#rgb` or `#rrggbb`.
fn parse(text: &str) -> Option<Rgb> {
    let digits = text.strip_prefix('#')?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let part = |at: usize, long: bool| {
        let digits = if long {
            &digits[at * 2..at * 2 + 2]
        } else {
            &digits[at..at + 1]
        };
        let value = u8::from_str_radix(digits, 16).ok()?;
        Some(f32::from(if long { value } else { value * 17 }) / 255.0)
    };
    match digits.len() {
        6 => Some(Rgb(part(0, true)?, part(1, true)?, part(2, true)?)),
        3 => Some(Rgb(part(0, false)?, part(1, false)?, part(2, false)?)),
        _ => None,
    }
}

fn hex(Rgb(red, green, blue): Rgb) -> String {
    let part = |value: f32| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
    format!("#{:02x}{:02x}{:02x}", part(red), part(green), part(blue))
}

fn linear(value: f32) -> f32 {
    if value <= 0.040_45 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

fn gamma(value: f32) -> f32 {
    let value = value.clamp(0.0, 1.0);
    if value <= 0.003_130_8 {
        value * 12.92
    } else {
        1.055 * value.powf(1.0 / 2.4) - 0.055
    }
}

/// WCAG contrast, 1 to 21.
fn contrast(one: Rgb, other: Rgb) -> f32 {
    let luminance = |Rgb(red, green, blue): Rgb| {
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// `share` of `color` and the rest of `ground`, mixed in Oklab so that hues stay what they are.
fn mix(color: Rgb, ground: Rgb, share: f32) -> Rgb {
    let (one, other) = (oklab(color), oklab(ground));
    let blend = |a: f32, b: f32| a * share + b * (1.0 - share);
    from_oklab([
        blend(one[0], other[0]),
        blend(one[1], other[1]),
        blend(one[2], other[2]),
    ])
}

/// Björn Ottosson's Oklab: matrices from his definition of the space.
fn oklab(Rgb(red, green, blue): Rgb) -> [f32; 3] {
    let (r, g, b) = (linear(red), linear(green), linear(blue));
    let l = (0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b).cbrt();
    let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
    let s = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
    [
        0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
        1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
        0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
    ]
}

fn from_oklab([lightness, a, b]: [f32; 3]) -> Rgb {
    let l = (lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
    let m = (lightness - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
    let s = (lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
    Rgb(
        gamma(4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s),
        gamma(-1.268_438 * l + 2.609_757_4 * m - 0.341_319_4 * s),
        gamma(-0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The colours after rounding to 8 bits, which is what the screen gets.
    fn shown(color: Rgb) -> Rgb {
        parse(&hex(color)).unwrap()
    }

    #[test]
    fn ink_is_legible_on_every_calendar_colour_in_both_themes() {
        // Google's 24 calendar colours, and the extremes a person could choose.
        let google = [
            "#ac725e", "#d06b64", "#f83a22", "#fa573c", "#ff7537", "#ffad46", "#42d692", "#16a765",
            "#7bd148", "#b3dc6c", "#fbe983", "#fad165", "#92e1c0", "#9fe1e7", "#9fc6e7", "#4986e7",
            "#9a9cff", "#b99aff", "#c2c2c2", "#cabdbf", "#cca6ac", "#f691b2", "#cd74e6", "#a47ae2",
        ];
        let extremes = [
            "#000000", "#ffffff", "#ffff00", "#0000ff", "#00ff00", "#ff0000", "#808080",
        ];
        let grid = (0..216).map(|n| {
            format!(
                "#{:02x}{:02x}{:02x}",
                n % 6 * 51,
                n / 6 % 6 * 51,
                n / 36 * 51
            )
        });
        let all = google
            .into_iter()
            .chain(extremes)
            .map(str::to_owned)
            .chain(grid);
        for color in all {
            let base = parse(&color).unwrap();
            for (theme, paint) in [
                ("light", paint(base, &LIGHT, 0.13, 0.20)),
                ("dark", paint(base, &DARK, 0.22, 0.31)),
            ] {
                for ground in [paint.tint, paint.stripe] {
                    let ratio = contrast(shown(paint.ink), shown(ground));
                    assert!(ratio >= 4.5, "{color} in {theme}: ink has only {ratio:.2}");
                }
                let surface = if theme == "light" {
                    LIGHT.surface
                } else {
                    DARK.surface
                };
                let ratio = contrast(shown(paint.edge), parse(surface).unwrap());
                assert!(
                    ratio >= 2.95,
                    "{color} in {theme}: edge has only {ratio:.2}"
                );
            }
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        let ratio = contrast(Rgb(0.0, 0.0, 0.0), Rgb(1.0, 1.0, 1.0));
        assert!(
            (ratio - 21.0).abs() < 0.01,
            "black on white is 21, not {ratio}"
        );
        let grey = contrast(parse("#767676").unwrap(), parse("#fff").unwrap());
        assert!(
            (grey - 4.54).abs() < 0.01,
            "the well-known limit grey is 4.54, not {grey}"
        );
    }

    #[test]
    fn mixing_ends_at_both_ends() {
        for color in ["#123456", "#ffad46", "#ffffff"] {
            let base = parse(color).unwrap();
            assert_eq!(hex(mix(base, NEUTRAL, 1.0)), color);
            assert_eq!(hex(mix(NEUTRAL, base, 0.0)), color);
        }
    }

    #[test]
    fn the_grounds_are_those_of_the_stylesheet() {
        let tokens = include_str!("../styles/tokens.css");
        for (name, light, dark) in [
            ("surface", LIGHT.surface, DARK.surface),
            ("ink", LIGHT.ink, DARK.ink),
        ] {
            let line = format!("--{name}: light-dark({light}, {dark});");
            assert!(
                tokens.contains(&line),
                "styles/tokens.css should say `{line}`"
            );
        }
    }

    #[test]
    fn a_hostile_colour_becomes_the_neutral_one() {
        for color in ["", "red", "#12345", "#12345é", "#fff;background:url(x)"] {
            assert!(parse(color).is_none(), "{color:?} is no colour");
            assert!(
                !style(Some(color)).contains("url"),
                "nothing of it reaches the style"
            );
        }
    }
}
