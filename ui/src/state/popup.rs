//! Where a small panel stands beside what it explains.

/// A rectangle in CSS pixels of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Rect {
    /// Left edge.
    pub(crate) left: f64,
    /// Upper edge.
    pub(crate) top: f64,
    /// Width.
    pub(crate) width: f64,
    /// Height.
    pub(crate) height: f64,
}

const GAP: f64 = 8.0;

/// The panel's left and top: to the right of its anchor, else to the left, else wherever it fits;
/// always wholly inside the window, as far as the window is large enough.
pub(crate) fn beside(anchor: Rect, size: (f64, f64), window: (f64, f64)) -> (f64, f64) {
    let right = anchor.left + anchor.width + GAP;
    let left = anchor.left - GAP - size.0;
    let x = if right + size.0 + GAP <= window.0 {
        right
    } else if left >= GAP {
        left
    } else {
        anchor.left
    };
    let keep = |at: f64, size: f64, room: f64| at.min(room - size - GAP).max(GAP);
    (
        keep(x, size.0, window.0),
        keep(anchor.top, size.1, window.1),
    )
}

/// The room for a floating panel: the window, less a panel that fills its right side. One that is a
/// sheet over the lower part, told by where it begins, takes nothing away.
pub(crate) fn room(window: (f64, f64), panel: Option<(f64, f64)>) -> (f64, f64) {
    let beside = panel.filter(|(left, top)| *left > window.0 / 2.0 && *top < window.1 / 3.0);
    beside.map_or(window, |(left, _)| (left, window.1))
}

/// The height that so many lines at the bottom of the window take.
pub(crate) fn told(lines: usize) -> f64 {
    const LINE: f64 = 48.0;
    let lines = u32::try_from(lines).unwrap_or(u32::MAX);
    LINE * f64::from(lines) + if lines > 0 { GAP } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_panel_at_the_side_takes_room_away() {
        let window = (1280.0, 800.0);
        let cases = [
            (None, window),
            (Some((928.0, 52.0)), (928.0, 800.0)),
            (Some((0.0, 304.0)), window),
            (Some((248.0, 120.0)), window),
            (Some((700.0, 400.0)), window),
        ];
        for (panel, expect) in cases {
            assert_eq!(room(window, panel), expect, "{panel:?}");
        }
    }

    #[test]
    fn a_panel_never_leaves_the_window() {
        let window = (1280.0, 800.0);
        let anchor = |left, top| Rect {
            left,
            top,
            width: 140.0,
            height: 60.0,
        };
        let cases = [
            ("to the right", anchor(300.0, 200.0), (448.0, 200.0)),
            ("to the left", anchor(1100.0, 200.0), (772.0, 200.0)),
            ("up from the bottom", anchor(300.0, 760.0), (448.0, 592.0)),
            ("down from above", anchor(300.0, -50.0), (448.0, 8.0)),
        ];
        for (name, anchor, expect) in cases {
            assert_eq!(beside(anchor, (320.0, 200.0), window), expect, "{name}");
        }
        let wide = Rect {
            left: 20.0,
            top: 10.0,
            width: 680.0,
            height: 60.0,
        };
        let (x, _) = beside(wide, (320.0, 200.0), (720.0, 480.0));
        assert!(
            x >= GAP && x + 320.0 + GAP <= 720.0,
            "over a block as wide as the window: {x}"
        );
    }
}
