//! `availability_blocks`: blocks of time made by hand.

use chrono::{NaiveDateTime, TimeDelta};
use duet_model::block::{BlockId, ManualBlock};
use duet_model::topic::Topic;
use duet_model::when::Interval;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::{Origin, json_of};
use crate::table::statements;
use crate::tx::Tx;

const TABLE: &str = "availability_blocks";

/// Compares as text in the order of time, for the years that [`wall_text`] lets through.
const WALL: &str = "%Y-%m-%dT%H:%M:%S%.f";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, title, start_wall, end_wall, zone, repeat, except_walls, created_at,
                updated_at
            FROM availability_blocks ",
            $rest
        )
    };
}

statements! {
    ALL = select!("ORDER BY start_wall, end_wall, id");
    // Where a repeating block lands is not for SQL to say; all of them are candidates.
    NEAR = select!("WHERE repeat IS NOT NULL OR (start_wall < ?2 AND end_wall > ?1)
        ORDER BY start_wall, end_wall, id");
    BY_ID = select!("WHERE id = ?1");
    PUT = "INSERT INTO availability_blocks
            (id, title, start_wall, end_wall, zone, repeat, except_walls, created_at, updated_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT (id) DO UPDATE SET
            title = excluded.title, start_wall = excluded.start_wall,
            end_wall = excluded.end_wall, zone = excluded.zone, repeat = excluded.repeat,
            except_walls = excluded.except_walls, created_at = excluded.created_at,
            updated_at = excluded.updated_at";
    DELETE = "DELETE FROM availability_blocks WHERE id = ?1";
}

impl Tx {
    /// Stores a block made by hand, new or changed.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where the block does not start before it ends, or lies outside the
    /// years 0 to 9999.
    pub async fn put_manual_block(&mut self, block: &ManualBlock) -> Result<(), StoreError> {
        let refused = |column, reason| StoreError::Refused {
            table: TABLE,
            column,
            reason,
        };
        if block.start >= block.end {
            return Err(refused("end_wall", "a block starts before it ends"));
        }
        let start = wall_text(block.start)
            .ok_or_else(|| refused("start_wall", "the year has more than four digits"))?;
        let end = wall_text(block.end)
            .ok_or_else(|| refused("end_wall", "the year has more than four digits"))?;
        let except: Vec<String> = block
            .except
            .iter()
            .map(|at| wall_text(*at))
            .collect::<Option<_>>()
            .ok_or_else(|| refused("except_walls", "a year has more than four digits"))?;
        sqlx::query(PUT)
            .bind(&block.id.0)
            .bind(&block.title)
            .bind(start)
            .bind(end)
            .bind(&block.zone)
            .bind(&block.repeat)
            .bind(json_of(&except))
            .bind(block.created_at.timestamp_millis())
            .bind(block.updated_at.timestamp_millis())
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("storing a block"))?;
        self.touch(Topic::ManualBlocks);
        Ok(())
    }

    /// Deletes a block made by hand and hands back what it was, so that it can be put back.
    pub async fn delete_manual_block(
        &mut self,
        id: &BlockId,
    ) -> Result<Option<ManualBlock>, StoreError> {
        let before = get(self.conn(), id).await?;
        if before.is_some() {
            sqlx::query(DELETE)
                .bind(&id.0)
                .execute(self.conn())
                .await
                .map_err(StoreError::doing("deleting a block"))?;
            self.touch(Topic::ManualBlocks);
        }
        Ok(before)
    }

    /// One block made by hand, as this transaction sees it: to change it without losing what
    /// another window did to it meanwhile.
    pub async fn manual_block(&mut self, id: &BlockId) -> Result<Option<ManualBlock>, StoreError> {
        get(self.conn(), id).await
    }
}

pub(crate) async fn all(conn: &mut SqliteConnection) -> Result<Vec<ManualBlock>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(ALL)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading the blocks made by hand"))?;
    rows.into_iter().map(ManualBlock::try_from).collect()
}

/// How far a wall clock can be from UTC, with a day that a zone leaves out on top.
const SLACK: TimeDelta = TimeDelta::days(3);

/// The blocks that can have an occurrence in `range`, whatever their zones are, and perhaps some
/// more: the repeating ones, and those whose own times lie near it.
pub(crate) async fn near(
    conn: &mut SqliteConnection,
    range: Interval,
) -> Result<Vec<ManualBlock>, StoreError> {
    let edge = |at: Option<NaiveDateTime>| at.and_then(wall_text);
    let from = edge(range.start.naive_utc().checked_sub_signed(SLACK));
    let until = edge(range.end.naive_utc().checked_add_signed(SLACK));
    let (Some(from), Some(until)) = (from, until) else {
        // Beyond the years that compare as text.
        return all(conn).await;
    };
    let rows: Vec<Row> = sqlx::query_as(NEAR)
        .bind(from)
        .bind(until)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing(
            "reading the blocks made by hand near a range",
        ))?;
    rows.into_iter().map(ManualBlock::try_from).collect()
}

pub(crate) async fn get(
    conn: &mut SqliteConnection,
    id: &BlockId,
) -> Result<Option<ManualBlock>, StoreError> {
    let row: Option<Row> = sqlx::query_as(BY_ID)
        .bind(&id.0)
        .fetch_optional(conn)
        .await
        .map_err(StoreError::doing("reading a block made by hand"))?;
    row.map(ManualBlock::try_from).transpose()
}

fn wall_text(at: NaiveDateTime) -> Option<String> {
    use chrono::Datelike;
    (0..=9999)
        .contains(&at.year())
        .then(|| at.format(WALL).to_string())
}

fn wall(origin: Origin<'_>, column: &'static str, text: &str) -> Result<NaiveDateTime, StoreError> {
    NaiveDateTime::parse_from_str(text, WALL)
        .map_err(|error| origin.broken(column, format!("{text:?}: {error}")))
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    title: String,
    start_wall: String,
    end_wall: String,
    zone: String,
    repeat: Option<String>,
    except_walls: String,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<Row> for ManualBlock {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let origin = Origin {
            table: TABLE,
            key: &row.id,
        };
        let except: Vec<String> = origin.json("except_walls", &row.except_walls)?;
        Ok(Self {
            start: wall(origin, "start_wall", &row.start_wall)?,
            end: wall(origin, "end_wall", &row.end_wall)?,
            except: except
                .iter()
                .map(|text| wall(origin, "except_walls", text))
                .collect::<Result<_, _>>()?,
            created_at: origin.instant("created_at", row.created_at)?,
            updated_at: origin.instant("updated_at", row.updated_at)?,
            id: BlockId(row.id),
            title: row.title,
            zone: row.zone,
            repeat: row.repeat,
        })
    }
}
