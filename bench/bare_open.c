/* The reference of the start figure: opens a database, reads one row, says so.   bare_open DATABASE */

#include "bare.h"

int main(int argc, char **argv)
{
        if (argc != 2)
                errx(2, "usage: bare_open DATABASE");
        sqlite3 *db = bare_open(argv[1], SQLITE_OPEN_READWRITE);
        bare_do(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
        int64_t last = bare_int(db, "SELECT seq FROM event ORDER BY key DESC LIMIT 1");
        printf("listening on %lld\n", (long long)last);
        fflush(stdout);
        getchar();
        sqlite3_close(db);
        return 0;
}
