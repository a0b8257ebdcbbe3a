// SPDX-License-Identifier: GPL-2.0
/*
 * What a storm's breakers wait for, without a stream of events: each breaker has a stamp in memory
 * that user space maps, and reads it when its system call has returned. The hooks are those of
 * observer.bpf.c, which says why they are kprobes.
 */
/* In this order: libbpf's headers need the types of the linux ones. */
/* clang-format off */
#include <linux/types.h>
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "kernel/storm_watch_shared.h"
#include "kernel/struct_page.bpf.h"
/* clang-format on */

struct task_struct {
  int pid;
  unsigned int __state;
} __attribute__((preserve_access_index));

/* Before 5.14. */
struct task_struct___5_10 {
  long state;
} __attribute__((preserve_access_index));

#define TASK_INTERRUPTIBLE 1 /* include/linux/sched.h */

/* A breaker. */
struct breaker {
  __u64 key;      /* what it waits on */
  __u64 slept_ns; /* when it was last switched away from */
  __u32 slot;     /* its stamp */
  __u32 waiting;  /* between its wait and the scan that found nothing */
  __u32 asleep;
  __u32 woken; /* has run again and not scanned yet */
};

/* What is waited on. */
struct waited {
  __u64 put_ns;       /* the last put until now */
  __u64 slept_ns;     /* when its last waiter was switched away from */
  __u64 wake_ns;      /* the first wake since then, */
  __u64 woken_put_ns; /* and the put before it, */
  __u64 waiters;      /* and how many breakers waited then */
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, STORM_SLOTS);
  __type(key, __u32);
  __type(value, struct breaker);
} breakers SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, STORM_KEYS);
  __type(key, __u64);
  __type(value, struct waited);
} keys SEC(".maps");

/* Set before loading. */
const volatile int put_page_arg[STORM_PUT_HOOKS] = {1, 1, 1, 1};
const volatile int wake_on_page = 0; /* the key is the page itself, else its _refcount */
const volatile int wakes_unseen = 0; /* nothing probes puts and wakes */

/* Shared with user space, which maps it. */
struct storm_stamp stamps[STORM_SLOTS] = {};
__u32 waiting_now = 0; /* breakers that wait: nobody else is looked at by the scheduler's hook */

static __always_inline struct breaker* current_breaker(void) {
  __u32 tid = (__u32)bpf_get_current_pid_tgid();

  return bpf_map_lookup_elem(&breakers, &tid);
}

static __always_inline struct storm_stamp* stamp_of(struct breaker* breaker) {
  return &stamps[breaker->slot & (STORM_SLOTS - 1)];
}

SEC("kretprobe")
int scan(struct pt_regs* ctx) {
  struct breaker* breaker = current_breaker();

  if (!breaker) return 0;
  stamp_of(breaker)->scans++;
  if (PT_REGS_RC(ctx)) {
    if (breaker->woken) stamp_of(breaker)->spurious++;
  } else if (breaker->waiting) {
    breaker->waiting = 0;
    __sync_fetch_and_add(&waiting_now, -1);
  }
  breaker->woken = 0;
  return 0;
}

/* init_wait_var_entry(entry, var, flags) */
SEC("kprobe")
int wait(struct pt_regs* ctx) {
  struct breaker* breaker = current_breaker();
  struct waited fresh = {};
  __u64 key = PT_REGS_PARM2(ctx);

  if (!breaker) return 0;
  bpf_map_update_elem(&keys, &key, &fresh, BPF_NOEXIST);
  breaker->key = key;
  breaker->asleep = 0;
  if (!breaker->waiting) {
    breaker->waiting = 1;
    __sync_fetch_and_add(&waiting_now, 1);
  }
  return 0;
}

/* wake_up_var(var) */
SEC("kprobe")
int wake(struct pt_regs* ctx) {
  __u64 key = PT_REGS_PARM1(ctx);
  struct waited* waited;

  if (!waiting_now) return 0;
  waited = bpf_map_lookup_elem(&keys, &key);
  /* A second wake before the waiter runs is not what woke it. */
  if (waited && waited->wake_ns < waited->slept_ns) {
    waited->wake_ns = bpf_ktime_get_ns();
    waited->woken_put_ns = waited->put_ns;
    waited->waiters = waiting_now;
  }
  return 0;
}

static __always_inline int put(struct pt_regs* ctx, int slot) {
  __u64 key;
  struct waited* waited;

  if (!waiting_now) return 0;
  /* Each load in its branch, see observer.bpf.c. */
  if (put_page_arg[slot] == 2) {
    key = PT_REGS_PARM2(ctx);
    barrier_var(key);
  } else if (put_page_arg[slot] == 3) {
    key = PT_REGS_PARM3(ctx);
    barrier_var(key);
  } else {
    key = PT_REGS_PARM1(ctx);
    barrier_var(key);
  }
  if (!wake_on_page) key += REFCOUNT_OFFSET;
  waited = bpf_map_lookup_elem(&keys, &key);
  if (waited) waited->put_ns = bpf_ktime_get_ns();
  return 0;
}

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

/* sched_switch(preempt, prev, next, ...): the same first three in 5.10 to 7.2. */
SEC("raw_tp/sched_switch")
int sched(struct bpf_raw_tracepoint_args* ctx) {
  struct task_struct *prev, *next;
  struct breaker* breaker;
  struct waited* waited;
  struct storm_stamp* stamp;
  long state;
  __u32 tid;

  if (!waiting_now) return 0;
  prev = (void*)ctx->args[1];
  next = (void*)ctx->args[2];
  tid = BPF_CORE_READ(prev, pid);
  breaker = bpf_map_lookup_elem(&breakers, &tid);
  if (breaker && breaker->waiting && !ctx->args[0]) {
    if (bpf_core_field_exists(((struct task_struct*)0)->__state))
      state = BPF_CORE_READ(prev, __state);
    else
      state = BPF_CORE_READ((struct task_struct___5_10*)prev, state);
    /* For its page it sleeps interruptibly, for the inode's locks it does not. */
    if (state & TASK_INTERRUPTIBLE) {
      breaker->asleep = 1;
      breaker->slept_ns = bpf_ktime_get_ns();
      stamp_of(breaker)->sleeps++;
      waited = bpf_map_lookup_elem(&keys, &breaker->key);
      if (waited) waited->slept_ns = breaker->slept_ns;
    }
  }
  tid = BPF_CORE_READ(next, pid);
  breaker = bpf_map_lookup_elem(&breakers, &tid);
  if (!breaker || !breaker->waiting || !breaker->asleep) return 0;
  breaker->asleep = 0;
  stamp = stamp_of(breaker);
  if (wakes_unseen) {
    breaker->woken = 1;
    stamp->put_ns = 0;
    stamp->wake_ns = 0;
    stamp->run_ns = bpf_ktime_get_ns();
    return 0;
  }
  waited = bpf_map_lookup_elem(&keys, &breaker->key);
  /* One that a signal woke was not woken by its page. */
  if (!waited || waited->wake_ns < breaker->slept_ns) return 0;
  breaker->woken = 1;
  stamp->wakes++;
  stamp->waiters += waited->waiters;
  stamp->put_ns = waited->woken_put_ns;
  stamp->wake_ns = waited->wake_ns;
  stamp->run_ns = bpf_ktime_get_ns();
  return 0;
}

char LICENSE[] SEC("license") = "GPL";
