/*
 * The same centre in C: calls with patience, n equal agents, first come first served, longest idle first.
 *
 * by_tournament: the loop of csim's general kernel. Each agent has one next event and a tournament knows whose is
 *                first; patience is looked at when it would be a caller's turn.
 * by_heap:       the same with the usual binary heap of events in the tournament's place.
 * meet:          the recursion of csim's shortcut (Kiefer and Wolfowitz, with patience). No events: each caller meets
 *                the agent who is free first.
 *
 * All write what csim writes (answer, end, agent, outcome) and return the number answered, or -1 without memory.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { ANSWERED, ABANDONED };
enum { NOBODY = -1 };

typedef struct {
    const double *arrival, *work, *deadline;
    double *answer, *end;
    int64_t *agent;
    int8_t *outcome;
} Calls;

typedef struct {
    double *due;    /* by agent: when it is free; the last stands for nobody */
    int32_t *first; /* node 1 knows who is first */
    int64_t seats;
} Calendar;

static int opens(Calendar *calendar, int64_t agents)
{
    calendar->seats = 1;
    while (calendar->seats < agents)
        calendar->seats *= 2;
    calendar->due = malloc((agents + 1) * sizeof *calendar->due);
    calendar->first = malloc(2 * calendar->seats * sizeof *calendar->first);
    if (!calendar->due || !calendar->first)
        return 0;
    for (int64_t i = 0; i <= agents; i++)
        calendar->due[i] = INFINITY;
    for (int64_t node = 0; node < 2 * calendar->seats; node++) {
        int64_t agent = node - calendar->seats;
        calendar->first[node] = agent >= 0 && agent < agents ? agent : agents;
    }
    return 1;
}

static void closes(Calendar *calendar)
{
    free(calendar->due);
    free(calendar->first);
}

static inline void plan(Calendar *calendar, int32_t agent, double at)
{
    int64_t node = calendar->seats + agent;
    calendar->due[agent] = at;
    while (node > 1) {
        int32_t rival = calendar->first[node ^ 1];
        double its = calendar->due[rival];
        agent = its < at ? rival : agent;
        at = its < at ? its : at;
        node >>= 1;
        calendar->first[node] = agent;
    }
}

static inline double take(const Calls *calls, int64_t call, int32_t agent, double now)
{
    calls->answer[call] = now;
    calls->agent[call] = agent;
    calls->outcome[call] = ANSWERED;
    return calls->end[call] = now + calls->work[call];
}

static inline void lose(const Calls *calls, int64_t call)
{
    calls->answer[call] = NAN;
    calls->agent[call] = NOBODY;
    calls->outcome[call] = ABANDONED;
    calls->end[call] = calls->deadline[call];
}

/* Who waits are the calls from `head` to `next`, and whoever of them has hung up by now. */
static int64_t next_in_line(const Calls *calls, int64_t *head, int64_t next, double now)
{
    while (*head < next) {
        int64_t call = (*head)++;
        if (calls->deadline[call] >= now)
            return call;
        lose(calls, call);
    }
    return NOBODY;
}

int64_t by_tournament(int64_t count, int64_t agents, const double *arrival, const double *work, const double *deadline,
             double *answer, double *end, int64_t *agent, int8_t *outcome)
{
    Calls calls = {arrival, work, deadline, answer, end, agent, outcome};
    Calendar calendar = {0};
    int32_t *idle = malloc(agents * sizeof *idle); /* a ring, longest idle first */
    int64_t first = 0, idlers = agents, head = 0, next = 0, answered = NOBODY;
    if (!idle || !opens(&calendar, agents))
        goto out;
    for (int32_t i = 0; i < agents; i++)
        idle[i] = i;
    for (answered = 0;;) {
        int32_t free = calendar.first[1];
        double ends = calendar.due[free], arrives = next < count ? arrival[next] : INFINITY;
        if (ends <= arrives) {
            if (ends == INFINITY)
                break;
            int64_t call = next_in_line(&calls, &head, next, ends);
            if (call != NOBODY) {
                plan(&calendar, free, take(&calls, call, free, ends));
                answered++;
            } else {
                int64_t last = first + idlers++;
                idle[last < agents ? last : last - agents] = free;
                plan(&calendar, free, INFINITY);
            }
        } else if (idlers) {
            int32_t taker = idle[first];
            first = first + 1 < agents ? first + 1 : 0;
            idlers--;
            plan(&calendar, taker, take(&calls, next, taker, arrives));
            answered++;
            head = ++next; /* an agent is idle, so nobody waits */
        } else {
            next++;
        }
    }
out:
    closes(&calendar);
    free(idle);
    return answered;
}

typedef struct {
    double at;
    int32_t agent;
} Event;

static void push(Event *heap, int64_t *size, Event event)
{
    int64_t i = (*size)++;
    for (; i > 0 && heap[(i - 1) / 2].at > event.at; i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = event;
}

static void replace_first(Event *heap, int64_t size, Event event)
{
    int64_t i = 0;
    for (;;) {
        int64_t below = 2 * i + 1;
        if (below + 1 < size && heap[below + 1].at < heap[below].at)
            below++;
        if (below >= size || heap[below].at >= event.at)
            break;
        heap[i] = heap[below];
        i = below;
    }
    heap[i] = event;
}

int64_t by_heap(int64_t count, int64_t agents, const double *arrival, const double *work, const double *deadline,
                double *answer, double *end, int64_t *agent, int8_t *outcome)
{
    Calls calls = {arrival, work, deadline, answer, end, agent, outcome};
    Event *heap = malloc((agents + 1) * sizeof *heap);
    int32_t *idle = malloc(agents * sizeof *idle); /* a ring, longest idle first */
    int64_t size = 0, first = 0, idlers = agents, head = 0, next = 0, answered = NOBODY;
    if (!heap || !idle)
        goto out;
    for (int32_t i = 0; i < agents; i++)
        idle[i] = i;
    for (answered = 0; size || next < count;) {
        double arrives = next < count ? arrival[next] : INFINITY;
        if (size && heap[0].at <= arrives) {
            Event now = heap[0];
            int64_t call = next_in_line(&calls, &head, next, now.at);
            if (call != NOBODY) {
                replace_first(heap, size, (Event){take(&calls, call, now.agent, now.at), now.agent});
                answered++;
            } else {
                int64_t last = first + idlers++;
                idle[last < agents ? last : last - agents] = now.agent;
                size--;
                replace_first(heap, size, heap[size]);
            }
        } else if (idlers) {
            int32_t taker = idle[first];
            first = first + 1 < agents ? first + 1 : 0;
            idlers--;
            push(heap, &size, (Event){take(&calls, next, taker, arrives), taker});
            answered++;
            head = ++next; /* an agent is idle, so nobody waits */
        } else {
            next++;
        }
    }
out:
    free(heap);
    free(idle);
    return answered;
}

int64_t meet(int64_t count, int64_t agents, const double *arrival, const double *work, const double *deadline,
             double *answer, double *end, int64_t *agent, int8_t *outcome)
{
    Calls calls = {arrival, work, deadline, answer, end, agent, outcome};
    Calendar calendar = {0};
    int64_t answered = NOBODY;
    if (!opens(&calendar, agents))
        goto out;
    for (int32_t i = 0; i < agents; i++) /* before all others, in the order of their numbers */
        plan(&calendar, i, (double)(i - agents));
    answered = 0;
    for (int64_t call = 0; call < count; call++) {
        int32_t free = calendar.first[1];
        double now = fmax(arrival[call], calendar.due[free]);
        if (now > deadline[call]) {
            lose(&calls, call);
        } else {
            plan(&calendar, free, take(&calls, call, free, now));
            answered++;
        }
    }
out:
    closes(&calendar);
    return answered;
}

/*
 * End to end, as somebody would write it in C for this one centre: draws, plays and adds up days, nothing is kept.
 *
 * Exponential by logarithm, xoshiro256+ (Blackman and Vigna). Sums by interval of arrival: offered, answered, abandoned,
 * answered in time, waits of all, their squares, waits of the answered, of the abandoned, handle time; and the agents'
 * busy time, cut at the edges of intervals.
 */
enum { OFFERED, ANSWERS, LOST, IN_TIME, WAITS, SQUARES, ASA, LOST_WAITS, HANDLED, BUSY, SUMS };

static uint64_t state[4];

static inline double uniform(void)
{
    uint64_t result = state[0] + state[3], shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = (state[3] << 45) | (state[3] >> 19);
    return (double)(result >> 11) * 0x1.0p-53;
}

static inline double exponential(double mean)
{
    return -log(1.0 - uniform()) * mean;
}

typedef int64_t Loop(int64_t, int64_t, const double *, const double *, const double *, double *, double *, int64_t *,
                     int8_t *);

static void add_up(const Calls *calls, int64_t count, double interval, int64_t intervals, double within, double *sums)
{
    for (int64_t i = 0; i < count; i++) {
        double *row = sums + SUMS * (int64_t)(calls->arrival[i] / interval);
        int answered = calls->outcome[i] == ANSWERED;
        double wait = (answered ? calls->answer[i] : calls->end[i]) - calls->arrival[i];
        row[OFFERED]++;
        row[WAITS] += wait;
        row[SQUARES] += wait * wait;
        if (!answered) {
            row[LOST]++;
            row[LOST_WAITS] += wait;
            continue;
        }
        row[ANSWERS]++;
        row[IN_TIME] += wait <= within;
        row[ASA] += wait;
        row[HANDLED] += calls->end[i] - calls->answer[i];
        int64_t at = (int64_t)(calls->answer[i] / interval);
        for (double from = calls->answer[i]; from < calls->end[i]; at++) { /* overtime is the last interval's */
            double to = at + 1 < intervals ? fmin((at + 1) * interval, calls->end[i]) : calls->end[i];
            sums[SUMS * (at < intervals ? at : intervals - 1) + BUSY] += to - from;
            from = to;
        }
    }
}

int64_t end_to_end(int64_t shortcut, int64_t days, int64_t agents, double rate, double handle, double patience,
                   double day, double interval, double within, double *sums)
{
    int64_t intervals = (int64_t)(day / interval), most = (int64_t)(rate * day * 2 + 1000), offered = 0;
    Loop *play = shortcut ? meet : by_heap;
    double *times = malloc(5 * most * sizeof *times);
    int64_t *agent = malloc(most * sizeof *agent);
    int8_t *outcome = malloc(most);
    if (!times || !agent || !outcome)
        offered = NOBODY;
    for (int i = 0; i < 4; i++)
        state[i] = 0x9e3779b97f4a7c15u * (i + 1);
    for (int64_t number = 0; number < days && offered >= 0; number++) {
        double *arrival = times, *work = times + most, *deadline = times + 2 * most;
        Calls calls = {arrival, work, deadline, times + 3 * most, times + 4 * most, agent, outcome};
        int64_t count = 0;
        for (double at = exponential(1 / rate); at < day && count < most; at += exponential(1 / rate)) {
            arrival[count] = at;
            work[count] = exponential(handle);
            deadline[count++] = at + exponential(patience);
        }
        if (play(count, agents, arrival, work, deadline, times + 3 * most, times + 4 * most, agent, outcome) < 0)
            offered = NOBODY;
        add_up(&calls, count, interval, intervals, within, sums);
        offered = offered < 0 ? NOBODY : offered + count;
    }
    free(times);
    free(agent);
    free(outcome);
    return offered;
}
