// An emulated link between two network namespaces, for kernels without netem: one TAP device in each, and between
// them, in each direction, a seeded random loss, a bottleneck of a given rate with a bounded FIFO, and a fixed delay.
//
// usage: link NAMESPACE_A NAMESPACE_B INTERFACE RATE_KBIT DELAY_MS LOSS_PERCENT QUEUE_BYTES SEED
// RATE_KBIT 0 is no bottleneck. Prints "ready" when both devices exist. On SIGTERM it prints the counters of both
// directions as one JSON array; waiting times are those in the queue, of frames that were not turned away.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { MAX_FRAME = 65600, SLOTS = 1 << 16, PREAMBLE_AND_GAP_BYTES = 24, TICK_NS = 250000 };

struct frame {
  uint64_t leaves_bottleneck_ns, arrives_ns;
  int length;
  unsigned char *bytes;
};

// A direction is one delay line; the head index leaves the bottleneck before the tail index arrives.
struct direction {
  int from, to;
  uint64_t bottleneck_free_ns;
  long queued_bytes;
  uint32_t in, departed, out; // ring positions: next free slot, next to leave the bottleneck, next to arrive
  uint64_t random_state, frames, bytes, lost, overflowed, waited_ns, longest_wait_ns;
  long peak_queued_bytes;
  int largest_frame;
  struct frame ring[SLOTS];
};

static struct direction directions[2];
static double rate_kbit, loss_percent;
static uint64_t delay_ns;
static long queue_bytes;
static volatile sig_atomic_t stop_requested;

static void request_stop(int signal_number) {
  (void)signal_number;
  stop_requested = 1;
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// splitmix64 (Steele, Lea, Flood 2014): enough for drawing losses, repeatable by seed.
static double draw(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

static int open_tap(const char *namespace_name, const char *interface_name) {
  char path[128];
  snprintf(path, sizeof path, "/run/netns/%s", namespace_name);
  int ns = open(path, O_RDONLY | O_CLOEXEC);
  if (ns < 0 || setns(ns, CLONE_NEWNET)) die(path);
  close(ns);
  int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
  strncpy(request.ifr_name, interface_name, IFNAMSIZ - 1);
  if (tap < 0 || ioctl(tap, TUNSETIFF, &request)) die("TUNSETIFF");
  return tap;
}

static void accept_frame(struct direction *d, const unsigned char *bytes, int length) {
  uint64_t t = now_ns();
  int is_arp = length > 13 && bytes[12] == 0x08 && bytes[13] == 0x06;
  d->frames++;
  d->bytes += (uint64_t)length;
  if (length > d->largest_frame) d->largest_frame = length;
  if (d->queued_bytes + length > queue_bytes || d->in - d->out == SLOTS) {
    d->overflowed++;
    return;
  }
  struct frame *f = &d->ring[d->in % SLOTS];
  if (rate_kbit > 0) {
    if (d->bottleneck_free_ns < t) d->bottleneck_free_ns = t;
    uint64_t wait_ns = d->bottleneck_free_ns - t;
    d->waited_ns += wait_ns;
    if (wait_ns > d->longest_wait_ns) d->longest_wait_ns = wait_ns;
    d->bottleneck_free_ns += (uint64_t)((length + PREAMBLE_AND_GAP_BYTES) * 8e6 / rate_kbit);
    t = d->bottleneck_free_ns;
  }
  // Loss comes after the bottleneck, as on a noisy last mile; a lost frame has used its share of the rate.
  int lost = !is_arp && draw(&d->random_state) * 100 < loss_percent;
  d->lost += (uint64_t)lost;
  *f = (struct frame){.leaves_bottleneck_ns = t, .arrives_ns = t + delay_ns, .length = length};
  f->bytes = lost ? NULL : malloc((size_t)length);
  if (f->bytes) memcpy(f->bytes, bytes, (size_t)length);
  d->queued_bytes += length;
  if (d->queued_bytes > d->peak_queued_bytes) d->peak_queued_bytes = d->queued_bytes;
  d->in++;
}

static void deliver_due(struct direction *d) {
  uint64_t t = now_ns();
  while (d->departed != d->in && d->ring[d->departed % SLOTS].leaves_bottleneck_ns <= t)
    d->queued_bytes -= d->ring[d->departed++ % SLOTS].length;
  while (d->out != d->departed && d->ring[d->out % SLOTS].arrives_ns <= t) {
    struct frame *f = &d->ring[d->out++ % SLOTS];
    if (f->bytes && write(d->to, f->bytes, (size_t)f->length) < 0 && errno != EAGAIN && errno != EIO) die("write");
    free(f->bytes);
  }
}

// The link looks four times a millisecond, as a network card interrupts: woken by every frame it would take a third of the
// machine from the two hosts that it measures.
static void forward(void) {
  static unsigned char bytes[MAX_FRAME];
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  while (!stop_requested) {
    for (int i = 0; i < 2; i++) {
      deliver_due(&directions[i]);
      for (ssize_t length; (length = read(directions[i].from, bytes, sizeof bytes)) > 0;)
        accept_frame(&directions[i], bytes, (int)length);
    }
    next.tv_nsec += TICK_NS;
    if (next.tv_nsec >= 1000000000) {
      next.tv_nsec -= 1000000000;
      next.tv_sec++;
    }
    // After a pause of the machine the missed ticks follow at once, which catches up.
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
  }
}

static void print_counters(const struct direction *d, const char *before) {
  uint64_t accepted = d->frames - d->overflowed;
  printf("%s{\"frames\": %lu, \"bytes\": %lu, \"lost\": %lu, \"overflowed\": %lu, \"largestFrameBytes\": %d, ", before,
         (unsigned long)d->frames, (unsigned long)d->bytes, (unsigned long)d->lost, (unsigned long)d->overflowed, d->largest_frame);
  printf("\"peakQueuedBytes\": %ld, \"meanWaitMs\": %.3f, \"longestWaitMs\": %.3f}", d->peak_queued_bytes,
         accepted ? (double)d->waited_ns / 1e6 / (double)accepted : 0, (double)d->longest_wait_ns / 1e6);
}

int main(int argc, char **argv) {
  if (argc != 9) {
    fprintf(stderr, "usage: link NAMESPACE_A NAMESPACE_B INTERFACE RATE_KBIT DELAY_MS LOSS_PERCENT QUEUE_BYTES SEED\n");
    return 2;
  }
  rate_kbit = atof(argv[4]);
  delay_ns = (uint64_t)(atof(argv[5]) * 1e6);
  loss_percent = atof(argv[6]);
  queue_bytes = atol(argv[7]);
  int a = open_tap(argv[1], argv[3]), b = open_tap(argv[2], argv[3]);
  for (int i = 0; i < 2; i++) {
    directions[i].from = i ? b : a;
    directions[i].to = i ? a : b;
    directions[i].random_state = strtoull(argv[8], NULL, 10) * 2 + (uint64_t)i;
  }
  signal(SIGTERM, request_stop);
  signal(SIGINT, request_stop);
  puts("ready");
  fflush(stdout);
  forward();
  for (int i = 0; i < 2; i++) print_counters(&directions[i], i ? ", " : "[");
  puts("]");
  return 0;
}
