//! Figures beside their budgets, and the middle of many samples.

use std::fmt;

/// One line of the report.
#[derive(Debug)]
struct Figure {
    name: &'static str,
    value: f64,
    unit: &'static str,
    budget: Option<Budget>,
    detail: String,
}

/// The bound that a figure has to keep.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Budget {
    /// Not more than this.
    AtMost(f64),
    /// Not less than this.
    AtLeast(f64),
}

impl Budget {
    fn keeps(self, value: f64) -> bool {
        match self {
            Self::AtMost(bound) => value <= bound,
            Self::AtLeast(bound) => value >= bound,
        }
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(bound) => write!(f, "<= {bound}"),
            Self::AtLeast(bound) => write!(f, ">= {bound}"),
        }
    }
}

/// All figures of one run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    figures: Vec<Figure>,
}

impl Report {
    /// Adds a figure with its budget and how it came about.
    pub(crate) fn add(
        &mut self,
        name: &'static str,
        value: f64,
        unit: &'static str,
        budget: Budget,
        detail: String,
    ) {
        self.figures.push(Figure {
            name,
            value,
            unit,
            budget: Some(budget),
            detail,
        });
    }

    /// Adds a figure that is only told.
    pub(crate) fn tell(
        &mut self,
        name: &'static str,
        value: f64,
        unit: &'static str,
        detail: String,
    ) {
        self.figures.push(Figure {
            name,
            value,
            unit,
            budget: None,
            detail,
        });
    }

    /// Whether every figure keeps its budget.
    pub(crate) fn within_budget(&self) -> bool {
        self.figures.iter().all(|figure| {
            figure
                .budget
                .is_none_or(|budget| budget.keeps(figure.value))
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Figure {
            name,
            value,
            unit,
            budget,
            detail,
        } in &self.figures
        {
            let verdict = match budget {
                None => String::new(),
                Some(budget) if budget.keeps(*value) => format!("{budget} kept"),
                Some(budget) => format!("{budget} MISSED"),
            };
            writeln!(
                f,
                "{name:<28} {value:>9.3} {unit:<5} {verdict:<16} {detail}"
            )?;
        }
        Ok(())
    }
}

/// The middle sample; of an even number the mean of the two in the middle, of none zero.
pub(crate) fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

/// The sample that so many of a hundred do not exceed; of none zero.
pub(crate) fn percentile(samples: &[f64], percent: usize) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(place).copied().unwrap_or_default()
}

/// The least and the greatest sample, for judging how quiet the machine was.
pub(crate) fn spread(samples: &[f64]) -> String {
    let least = samples.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = samples.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{least:.2} to {greatest:.2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_not_the_mean() {
        assert!(
            (median(&[1.0, 100.0, 2.0]) - 2.0).abs() < 1e-9,
            "one slow run does not count"
        );
        assert!(
            (median(&[1.0, 2.0]) - 1.5).abs() < 1e-9,
            "between the two in the middle"
        );
    }

    #[test]
    fn a_percentile_is_a_sample() {
        let samples: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        let rows = [(50, 100.0), (99, 198.0), (100, 200.0), (0, 1.0)];
        for (percent, expected) in rows {
            let found = percentile(&samples, percent);
            assert!((found - expected).abs() < 1e-9, "{percent}: {found}");
        }
        assert!(percentile(&[], 99).abs() < 1e-9, "of none zero");
    }

    #[test]
    fn one_missed_budget_fails_the_run() {
        let mut report = Report::default();
        report.add("start", 1.2, "x", Budget::AtMost(1.25), String::new());
        report.tell("floor", 9.9, "s", String::new());
        assert!(report.within_budget(), "one kept, one only told");
        report.add("speed", 9.0, "M/s", Budget::AtLeast(10.0), String::new());
        assert!(!report.within_budget(), "too slow");
        assert!(
            report.to_string().contains("MISSED"),
            "and said so: {report}"
        );
    }
}
