// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel does during a layout break. Everything is a kprobe by name, the scheduler's
 * tracepoint apart: no fentry, because 5.10 has no BTF of modules and 6.1 no BTF id for all of it.
 *
 * Disturb nothing: every program returns at once unless a trial is on (`armed`), and the
 * scheduler's also unless a followed task waits.
 *
 * One limit of 5.10 and later alike: a kprobe program is skipped when its processor is already
 * inside another BPF program (kernel/trace/bpf_trace.c trace_call_bpf(), bpf_prog_active). That
 * needs an interrupt that wakes a watched page within the microsecond one of these programs runs.
 */
/* In this order: libbpf's headers need the types of the linux ones. */
/* clang-format off */
#include <linux/types.h>
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "kernel/observer_shared.h"
#include "kernel/struct_page.bpf.h"
/* clang-format on */

struct inode {
  unsigned long i_ino;
} __attribute__((preserve_access_index));

struct address_space {
  struct inode* host;
} __attribute__((preserve_access_index));

struct task_struct {
  int pid;
  void* stack;
  unsigned int __state;
} __attribute__((preserve_access_index));

/* Before 5.14. */
struct task_struct___5_10 {
  long state;
} __attribute__((preserve_access_index));

/* A followed task. */
struct task {
  __u64 key;     /* what it waits on */
  __u64 page;    /* the page that belongs to it, or 0 */
  __u32 waiting; /* between its wait and the scan that found nothing */
  __u32 asleep;
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, OBSERVER_MAX_TASKS);
  __type(key, __u32);
  __type(value, struct task);
} followed SEC(".maps");

/* Addresses of struct pages. Room for those that scans add. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, OBSERVER_MAX_PAGES * 2);
  __type(key, __u64);
  __type(value, __u32);
} watched SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, OBSERVER_RING_BYTES);
} events SEC(".maps");

/* Set before loading: which argument of each put hook is what. */
const volatile int put_page_arg[OBSERVER_PUT_HOOKS] = {1, 1, 1, 1};
const volatile int put_refs_arg[OBSERVER_PUT_HOOKS] = {0, 0, 0, 0};

/* Shared with user space, which maps it. */
__u32 armed = 0;
__u32 waiters = 0; /* followed tasks that ever waited since armed, less those done */
__u64 lost = 0;
__u64 inode_number = 0; /* of the watched file */
__u32 thinned = 0;      /* of puts and wakes only some, see worth_telling() */
__u64 told_at = 0;      /* when the last one was told */
__u64 left_out = 0;     /* that were not told */

/* True where the stack pointer is not on the current task's own stack: x86-64 handles hard
 * interrupts, and soft interrupts after them, on a stack per processor (arch/x86/kernel/irq_64.c).
 * A softirq run by ksoftirqd is a task like any other here. THREAD_SIZE is 16 KiB, or 32 KiB with
 * KASAN; the larger does for both. */
static __always_inline __u32 on_interrupt_stack(struct pt_regs* ctx) {
  struct task_struct* current = (void*)bpf_get_current_task();
  unsigned long stack = (unsigned long)BPF_CORE_READ(current, stack);

  return PT_REGS_SP(ctx) - stack >= 32768;
}

static __always_inline struct observer_event* new_event(__u32 kind, __u64 page) {
  struct observer_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

  if (!event) {
    __sync_fetch_and_add(&lost, 1);
    return 0;
  }
  event->t_ns = bpf_ktime_get_ns();
  event->page = page;
  event->key = 0;
  event->kind = kind;
  event->tid = (__u32)bpf_get_current_pid_tgid();
  event->count = 0;
  event->mapcount = 0;
  event->refs = 0;
  event->interrupt = 0;
  if (page) {
    event->count = page_refcount(page);
    event->mapcount = page_mapcount(page, page_is_large_head(page));
  }
  return event;
}

/* The watched page whose wait key this is: the page itself or the address of its _refcount. */
static __always_inline __u64 page_of_key(__u64 key) {
  __u64 page = key;

  if (bpf_map_lookup_elem(&watched, &page)) return page;
  page = key - REFCOUNT_OFFSET;
  if (bpf_map_lookup_elem(&watched, &page)) return page;
  return 0;
}

/* A pin that comes and goes thousands of times in a second would fill the ring faster than anybody
 * empties it. Until the trial lets it go, one put or wake in a millisecond has to do, and none
 * while nobody waits; the others are counted. */
static __always_inline int worth_telling(void) {
  __u64 now;

  if (!thinned) return 1;
  if (waiters) {
    now = bpf_ktime_get_ns();
    if (now - told_at >= 1000000) {
      told_at = now;
      return 1;
    }
  }
  __sync_fetch_and_add(&left_out, 1);
  return 0;
}

static __always_inline void stop_waiting(struct task* task) {
  if (!task->waiting) return;
  task->waiting = 0;
  task->asleep = 0;
  __sync_fetch_and_add(&waiters, -1);
}

/* dax_layout_busy_page_range(mapping, start, end): whoever scans the watched file is followed, be
 * it an io_uring worker, the task that drops the last reference, or umount. */
SEC("kprobe")
int scan_begin(struct pt_regs* ctx) {
  __u32 tid = (__u32)bpf_get_current_pid_tgid();
  struct address_space* mapping = (void*)PT_REGS_PARM1(ctx);
  struct task fresh = {};

  if (!armed) return 0;
  if (BPF_CORE_READ(mapping, host, i_ino) != inode_number) return 0;
  bpf_map_update_elem(&followed, &tid, &fresh, BPF_NOEXIST);
  return 0;
}

/* dax_writeback_one(inode, first page's index, number of pages): an entry was flushed to the
 * medium (fs/dax.c, dax_writeback_one()). */
SEC("raw_tp/dax_writeback_one")
int writeback(struct bpf_raw_tracepoint_args* ctx) {
  struct inode* inode = (void*)ctx->args[0];
  struct observer_event* event;

  if (!armed || BPF_CORE_READ(inode, i_ino) != inode_number) return 0;
  event = new_event(OBSERVER_WRITEBACK, 0);
  if (event) {
    event->key = ctx->args[1];
    event->refs = (int)ctx->args[2];
    bpf_ringbuf_submit(event, 0);
  }
  return 0;
}

SEC("kretprobe")
int scan(struct pt_regs* ctx) {
  __u32 tid = (__u32)bpf_get_current_pid_tgid(), one = 1;
  __u64 page = PT_REGS_RC(ctx);
  struct observer_event* event;
  struct task* task;

  if (!armed) return 0;
  task = bpf_map_lookup_elem(&followed, &tid);
  if (!task) return 0;
  /* The page found busy may be one nobody asked for: another of the file's, or the head of the
   * folio of one that was asked for. What becomes of it matters from here on. */
  if (page)
    bpf_map_update_elem(&watched, &page, &one, BPF_ANY);
  else
    stop_waiting(task);
  event = new_event(OBSERVER_SCAN, page);
  if (event) bpf_ringbuf_submit(event, 0);
  return 0;
}

/* init_wait_var_entry(entry, var, flags) */
SEC("kprobe")
int wait(struct pt_regs* ctx) {
  __u32 tid = (__u32)bpf_get_current_pid_tgid();
  __u64 key = PT_REGS_PARM2(ctx);
  struct observer_event* event;
  struct task* task;

  if (!armed) return 0;
  task = bpf_map_lookup_elem(&followed, &tid);
  if (!task) return 0;
  task->key = key;
  task->page = page_of_key(key);
  task->asleep = 0;
  if (!task->waiting) {
    task->waiting = 1;
    __sync_fetch_and_add(&waiters, 1);
  }
  event = new_event(OBSERVER_WAIT, task->page);
  if (event) {
    event->key = key;
    bpf_ringbuf_submit(event, 0);
  }
  return 0;
}

/* wake_up_var(var) */
SEC("kprobe")
int wake(struct pt_regs* ctx) {
  __u64 key = PT_REGS_PARM1(ctx), page;
  struct observer_event* event;

  if (!armed) return 0;
  page = page_of_key(key);
  if (!page || !worth_telling()) return 0;
  event = new_event(OBSERVER_WAKE, page);
  if (event) {
    event->key = key;
    event->interrupt = on_interrupt_stack(ctx);
    bpf_ringbuf_submit(event, 0);
  }
  return 0;
}

/* The barriers keep each load in its branch: merged into one behind a computed ctx pointer, the
 * verifier would refuse it. */
static __always_inline __u64 argument(struct pt_regs* ctx, int number) {
  __u64 value = 0;

  if (number == 1) {
    value = PT_REGS_PARM1(ctx);
    barrier_var(value);
  } else if (number == 2) {
    value = PT_REGS_PARM2(ctx);
    barrier_var(value);
  } else if (number == 3) {
    value = PT_REGS_PARM3(ctx);
    barrier_var(value);
  } else if (number == 4) {
    value = PT_REGS_PARM4(ctx);
    barrier_var(value);
  } else if (number == 5) {
    value = PT_REGS_PARM5(ctx);
    barrier_var(value);
  }
  return value;
}

static __always_inline int put(struct pt_regs* ctx, int slot) {
  __u64 page;
  struct observer_event* event;
  int refs = put_refs_arg[slot];

  if (!armed) return 0;
  page = argument(ctx, put_page_arg[slot]);
  if (!bpf_map_lookup_elem(&watched, &page) || !worth_telling()) return 0;
  event = new_event(OBSERVER_PUT, page);
  if (event) {
    event->refs = refs > 0 ? (int)argument(ctx, refs) : refs + 1;
    event->interrupt = on_interrupt_stack(ctx);
    bpf_ringbuf_submit(event, 0);
  }
  return 0;
}

/* One program for each put hook a scheme may name: what the arguments are is fixed at load time,
 * because a program cannot ask which probe it runs for before 5.15 (bpf_get_attach_cookie()). */
SEC("kprobe")
int put_0(struct pt_regs* ctx) {
  return put(ctx, 0);
}

SEC("kprobe")
int put_1(struct pt_regs* ctx) {
  return put(ctx, 1);
}

SEC("kprobe")
int put_2(struct pt_regs* ctx) {
  return put(ctx, 2);
}

SEC("kprobe")
int put_3(struct pt_regs* ctx) {
  return put(ctx, 3);
}

static __always_inline struct task* waiting_task(struct task_struct* of, __u32* tid) {
  struct task* task;

  *tid = BPF_CORE_READ(of, pid);
  task = bpf_map_lookup_elem(&followed, tid);
  return task && task->waiting ? task : 0;
}

static __always_inline void switched(__u32 kind, __u32 tid, struct task* task) {
  struct observer_event* event = new_event(kind, task->page);

  if (event) {
    event->tid = tid;
    event->key = task->key;
    bpf_ringbuf_submit(event, 0);
  }
}

/* sched_switch(preempt, prev, next, ...): the same first three in 5.10 to 7.2. */
SEC("raw_tp/sched_switch")
int sched(struct bpf_raw_tracepoint_args* ctx) {
  struct task_struct *prev, *next;
  struct task* task;
  long state;
  __u32 tid;

  if (!waiters) return 0;
  prev = (void*)ctx->args[1];
  next = (void*)ctx->args[2];
  task = waiting_task(prev, &tid);
  if (task && !ctx->args[0]) {
    if (bpf_core_field_exists(((struct task_struct*)0)->__state))
      state = BPF_CORE_READ(prev, __state);
    else
      state = BPF_CORE_READ((struct task_struct___5_10*)prev, state);
    /* __schedule() has put a task with a pending signal back to TASK_RUNNING (0) by now. */
    if (state) {
      task->asleep = 1;
      switched(OBSERVER_SLEEP, tid, task);
    }
  }
  task = waiting_task(next, &tid);
  if (task && task->asleep) {
    task->asleep = 0;
    switched(OBSERVER_RUN, tid, task);
  }
  return 0;
}

char LICENSE[] SEC("license") = "GPL";
