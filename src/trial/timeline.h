// SPDX-License-Identifier: GPL-2.0
/// What happened in a trial, from user space and from the kernel, on one clock.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "trial/cell.h"

namespace daxbreak {

/// Kinds of event. User space's first, then the observer's.
enum class EventKind {
  pin_begin,        ///< hold() is about to be called
  pin_held,         ///< the page's count has risen: value = by how much
  pin_refused,      ///< hold() failed: value = errno
  disturb_begin,    ///< the disturber starts (text: "before" or "during")
  disturb_end,      ///< ... and has finished; value = errno or 0
  break_begin,      ///< the breaker is about to enter its system call
  break_end,        ///< ... and has returned; value = 0 or errno
  loosened,         ///< all but the last hold were given up: value = the page's count then
  break_died,       ///< the breaker's process ended without returning; value = signal
  release_begin,    ///< the gate opens, or the holder lets go
  release_end,      ///< the holder has nothing any more
  poke,             ///< SIGUSR1 (no SA_RESTART) sent to a breaker that sleeps past the deadline
  kill,             ///< SIGKILL sent to the breaker
  gave_up,          ///< waited for the breaker's end until the deadline passed; text: which wait
  bystander_begin,  ///< the disturber's second actor has been told to begin
  bystander_end,    ///< ... and its call has returned; value = 0 or errno
  taken,            ///< looked after an early return: value = 1 if the file lost the pinned block
  dirtied,          ///< a store to a page outside the broken range: value = its index in the file;
                    ///< text "control" (before the break) or "witness" (to be flushed after it)
  flushed,          ///< fsync(2) of the file has returned, value = 0 or errno; text as in dirtied
  counts,           ///< a page's counts now: page = frame, count, mapcount; text: the moment
  reused,           ///< the freed block now belongs to another file: value = device offset
  content,     ///< text "pin" or "block"; value = how many bytes carry the other side's pattern
  cpu,         ///< CPU time the breaker used inside its call: value = ns
  noted,       ///< what a breaker counted itself: value; text: of what
  kernel_log,  ///< a complaint in the kernel's log: text = the line
  scan,        ///< kernel: the scan returned page (0: nothing busy), count, mapcount
  wait,        ///< kernel: the breaker is about to wait; page
  sleep,       ///< kernel: it was scheduled out
  run,         ///< kernel: it was scheduled in
  wake,        ///< kernel: wake_up_var() on the page's key; count
  put,         ///< kernel: the scheme's put hook; count before the put, value = refs dropped
  writeback,   ///< kernel: flushed pages of the file: page = first one's index, value = how many
};

/// The name used in the event stream: "pin_begin".
[[nodiscard]] std::string_view name_of(EventKind kind);

/// One event. Fields without meaning for a kind are 0 or empty.
struct Event {
  std::int64_t t_ns = 0;  ///< CLOCK_MONOTONIC
  EventKind kind = EventKind::pin_begin;
  std::uint32_t tid = 0;
  std::uint64_t page = 0;  ///< kernel's events: struct page address; counts: page frame
  std::int64_t value = 0;
  std::int32_t count = 0;
  std::int32_t mapcount = 0;
  std::string text;
};

/// Texts of `noted` events: what breakers of memory that a device takes count, and the control of
/// a pin that was refused (1: the same pin of anonymous memory was granted).
namespace noted {
inline constexpr std::string_view anonymous_pinned = "times granted of anonymous memory";
inline constexpr std::string_view on_device = "pages on the device";
inline constexpr std::string_view compared = "bytes compared";
inline constexpr std::string_view wrong = "bytes not as stored";
inline constexpr std::string_view rounds = "rounds there and back";
inline constexpr std::string_view held_moved = "held pages moved";
inline constexpr std::string_view held_unsaid = "held pages stayed unsaid";
inline constexpr std::string_view held_stayed = "held pages stayed";
inline constexpr std::string_view held_freed = "held pages handed out again";
inline constexpr std::string_view strayed = "pages left the device unasked";
inline constexpr std::string_view longterm_there = "pages on the device pinned for long";
}  // namespace noted

/// The moments at which `counts` events are taken; their text.
namespace moment {
inline constexpr std::string_view mapped = "mapped";    ///< touched, not yet pinned
inline constexpr std::string_view pinned = "pinned";    ///< held
inline constexpr std::string_view overdue = "overdue";  ///< before the poke
inline constexpr std::string_view settled = "settled";  ///< everything let go, file still there
inline constexpr std::string_view removed = "removed";  ///< the file is gone
// Of pages that a device takes.
inline constexpr std::string_view migrated = "migrated";      ///< the device has them
inline constexpr std::string_view freed = "freed";            ///< the driver gets one back
inline constexpr std::string_view handed_out = "handed-out";  ///< it hands one out
inline constexpr std::string_view filled = "filled";          ///< one takes another page's place
}  // namespace moment

/// A trial's record: its events in time order and what the oracles need to know of its making.
struct Timeline {
  Cell cell;
  std::vector<Event> events;

  // How the trial was made; no judgement.
  Nanos deadline{};        ///< how long the breaker may take after the last release
  bool frees_page = true;  ///< the breaker takes the pinned page's block: it must wait for the pin
  bool file_page = true;   ///< what is pinned is a page of the file, not a copy or the zero page
  bool device = false;     ///< a page of a device-dax node: no file's layout is broken, but the
                           ///< device torn down; nobody scans, and no wake goes by a page's key
  bool device_memory = false;  ///< anonymous memory that a device takes: nobody waits, counts and
                               ///< data must be right
  bool must_be_refused = false;
  bool ends_breaker = false;  ///< the disturber ends the breaker while the pin holds: SIGKILL must
  bool interrupts = false;    ///< ... or a signal may, by EINTR
  bool refusable = false;     ///< some kernels or filesystems do not know this breaker
  bool transient = false;     ///< the pin holds for moments, again and again
  bool bystander_must_not_wait = false;  ///< the second actor needs nothing the breaker holds
  bool unmaps = false;                   ///< the disturber dropped the mapping before the breaker
  bool foll_pin = false;                 ///< the pin is expected to be FOLL_PIN on this kernel
  int references = 1;                    ///< how many such references it takes; 0: not known
  int pinned_pages = 1;                  ///< on how many pages: one folio's count has them all
  std::string pin_flow;                  ///< "from_page", "to_page", "none"
  bool compound = false;                 ///< the pinned page is part of a folio larger than a page
  bool pmd_mapped = false;               ///< touched pages proved to be mapped by one PMD
  std::string observer_gap;              ///< why the observer did not see this trial; "" if it did
  std::uint64_t events_lost = 0;         ///< the kernel's, for want of room: nothing is proven
  std::uint64_t events_left_out = 0;     ///< puts and wakes of a transient pin, on purpose
  std::string skip;                      ///< why the trial was not run; "" if it was
  std::string trouble;  ///< harness could not do its part (not the kernel's fault); "" if ok

  /// First event of a kind at or after `from_ns`, or nullptr.
  [[nodiscard]] const Event* first(EventKind kind, std::int64_t from_ns = 0) const;
  /// Last event of a kind, or nullptr.
  [[nodiscard]] const Event* last(EventKind kind) const;
  /// All `counts` events of a moment.
  [[nodiscard]] std::vector<const Event*> counts_at(std::string_view when) const;
};

}  // namespace daxbreak
