// rrule-temporal as an engine: a line `start, rule, from, to, limit` in, the hits in between out.
//
// Everything is on the clock of UTC; `cargo xtask oracle` says what the hits mean in a zone. Its own
// zones are not asked: they come with node and are as old as that.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const { RRuleTemporal } = createRequire(process.argv[2])("rrule-temporal");

const plain = (at) => at.toString().slice(0, 19).replaceAll("-", "").replaceAll(":", "");

function hits(start, rule, from, to, limit) {
  // It wants an end in UTC where the start has a zone.
  const until = rule.replace(/(UNTIL=\d{8}T\d{6})(?!Z)/i, "$1Z");
  const text = `DTSTART;TZID=UTC:${start}\nRRULE:${until}`;
  const found = [];
  new RRuleTemporal({ rruleString: text, maxIterations: 1e6, cache: false }).all((at) => {
    const wall = plain(at);
    if (wall >= to || found.length === Number(limit)) return false;
    if (wall >= from) found.push(wall);
    return true;
  });
  return found.join(" ");
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = hits(...line.split("\t"));
  } catch (error) {
    answer = "!" + String(error).replaceAll(/\s+/g, " ");
  }
  console.log(answer);
}
