//! Where a block stands in a day's column: side by side where blocks overlap, never on top.
