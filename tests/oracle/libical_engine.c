/* libical as an engine: a line `start, rule, from, to, limit` in, the hits in between out.
 *
 * Everything is on one wall clock without zones; `cargo xtask oracle` says what the hits mean in a zone. */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void answer(char *line)
{
    char *start = strtok(line, "\t"), *rule = strtok(NULL, "\t"), *from = strtok(NULL, "\t");
    char *to = strtok(NULL, "\t"), *limit = strtok(NULL, "\t\n");
    if (!limit) {
        puts("!five fields, please");
        return;
    }
    struct icaltimetype begin = icaltime_from_string(from), end = icaltime_from_string(to);
    struct icalrecurrencetype recur = icalrecurrencetype_from_string(rule);
    icalrecur_iterator *hits = recur.freq == ICAL_NO_RECURRENCE
        ? NULL : icalrecur_iterator_new(recur, icaltime_from_string(start));
    if (!hits) {
        printf("!%s\n", icalerror_strerror(icalerrno));
        return;
    }
    int left = atoi(limit);
    struct icaltimetype at;
    while (left > 0 && !icaltime_is_null_time(at = icalrecur_iterator_next(hits))
           && icaltime_compare(at, end) < 0) {
        if (icaltime_compare(at, begin) < 0)
            continue;
        printf("%04d%02d%02dT%02d%02d%02d ", at.year, at.month, at.day, at.hour, at.minute, at.second);
        left--;
    }
    puts("");
    icalrecur_iterator_free(hits);
}

int main(void)
{
    char line[8192];
    while (fgets(line, sizeof line, stdin)) {
        answer(line);
        fflush(stdout);
    }
    return 0;
}
