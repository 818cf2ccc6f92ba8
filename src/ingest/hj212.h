#ifndef SUYUAN_INGEST_HJ212_H
#define SUYUAN_INGEST_HJ212_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "series/batch.h"

/* HJ 212-2017 (and its elder of 2005): frames, what they say, answers.  Pure: no clock, no socket.
 *
 *   ##  0200  QN=…;ST=22;CN=2011;PW=…;MN=…;Flag=5;CP=&&DataTime=…;a34004-Rtd=22.0,a34004-Flag=N&&  2F80  CR LF
 *       length of the data, four digits                                                            CRC of the data, four hex digits
 *
 * Nothing is guessed: a frame counts when its length and CRC are right.  What may differ, since real devices do: no CR LF at the end, lower-case
 * hex, blanks around names and values, no QN, no Flag, no PNUM though announced, one & for two, a comma or semicolon too many. */
uint16_t hj212_crc(struct str data);

enum hj212_found { HJ212_MORE, HJ212_FRAME, HJ212_BAD };
struct hj212_frame {
        enum hj212_found found;
        struct str data;        /* FRAME: what the CRC is of */
        struct str raw;         /* FRAME, BAD: as it came */
        const char *why;        /* BAD */
        size_t used;            /* so many bytes of the input are done with */
};
/* Looks at the front of what has come in so far.  After a bad frame it goes on at the next `##`; `skipping` is the reader's own, false at the beginning.  Never asks
 * for more than LIMIT_HJ212_DATA_BYTES and a dozen. */
void hj212_next(struct str in, bool *skipping, struct hj212_frame *ret);

enum {          /* CN */
        CN_TIME_WANTED = 1013, CN_SET_TIME = 1012,
        CN_REAL_TIME = 2011, CN_STATE = 2021, CN_DAY = 2031, CN_RUN_TIME = 2041, CN_MINUTE = 2051, CN_HOUR = 2061, CN_STARTED = 2081,
        CN_REQUEST_ANSWER = 9011, CN_RESULT = 9012, CN_NOTICE_ANSWER = 9013, CN_DATA_ANSWER = 9014
};
enum { FLAG_ANSWER = 1, FLAG_PARTS = 2, FLAG_VERSION = 4 };     /* Flag: answer wanted; PNUM and PNO are there; the rest is the version, 1: 2017 */

struct hj212 {
        struct str qn, st, pw, mn;      /* STR_NONE where not said */
        int cn, flag;                   /* flag 0 where not said */
        int pnum, pno;                  /* 0 where not said */
        struct str cp;                  /* between && and && */
        bool open;                      /* the closing && is missing */
        int64_t data_ms;                /* DataTime; 0: not said, or known from an earlier part */
};
/* Reads a frame's data.  -1 ERR_BAD_INPUT: no CN or MN, a name twice, control characters. */
int hj212_read(struct str data, struct hj212 *ret, struct err *reterr);

/* Parts of one message (PNUM, PNO), of one connection.  Each part is readings by itself and answered by itself; the next one may lack DataTime, and what
 * a part cuts in the middle waits for it.  All zero is empty. */
struct hj212_parts {
        int cn, pnum, next;
        bool cut;                       /* a part ended in the middle, so only the next one makes sense */
        int64_t data_ms;
        char mn[40];
        size_t tail_n;
        char tail[256];
};
/* Puts `h`, just read, into its place: its cp begins with what was cut, and ends where the next part must go on.  1: not all of it could be used, so its
 * answer waits for the next part; 0; -1 ERR_BAD_INPUT: a part that makes no sense by itself. */
int hj212_join(struct hj212_parts *p, struct arena *a, struct hj212 *h, struct err *reterr);

/* The readings of `h`: channels are factor codes for CN 2011's Rtd, else CODE[.m|.h|.d].FIELD, as a34004.m.avg (minutes), a34004.h.max, w00000.d.cou, a21026.zsrtd; the
 * moment is the factor's SampleTime, or else DataTime; times are UTC+08:00.  `ret_left_out` counts values that are no numbers; what the device says it has not (empty, -) is nothing.
 * -1 ERR_BAD_INPUT: no DataTime, a broken one, or too many values.  `device` is left to the caller. */
int hj212_readings(struct arena *a, const struct hj212 *h, struct reading **ret, size_t *ret_n, size_t *ret_left_out, struct err *reterr);
/* Does this CN bring data (and is answered by 9014)? */
bool hj212_is_data(int cn);
/* 14 digits at UTC+08:00, also 17 with milliseconds. */
bool hj212_time(struct str s, int64_t *ret_ms);

/* Appends a whole frame. */
void hj212_frame_write(struct buf *b, struct str data);
/* Appends the answer to `h`: CN 9011, 9013 or 9014; `cp` as "QnRtn=1", or "". */
void hj212_answer(struct buf *b, const struct hj212 *h, int cn, const char *cp);
/* Appends the request to set its clock (CN 1012), after it asked for the time. */
void hj212_set_time(struct buf *b, const struct hj212 *h, int64_t now_ms);

#endif
