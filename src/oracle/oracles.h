// SPDX-License-Identifier: GPL-2.0
/// One function per invariant (docs/invariants.md). Each returns what it finds broken, or nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernel/scheme.h"
#include "oracle/verdict.h"
#include "trial/timeline.h"

namespace daxbreak::oracle {

/// A breaker whose range holds a page pinned before it began must not succeed before the release
/// of that pin began. Finding: early-break.
[[nodiscard]] std::vector<Finding> exclusion(const Timeline& timeline);

/// Once the last pin is released the breaker returns within the deadline, unpoked. Findings:
/// lost-wakeup (idle, and the observer saw nobody wake the waiter), stuck (never idle).
[[nodiscard]] std::vector<Finding> liveness(const Timeline& timeline, const Scheme& scheme);

/// A freed block's new owner neither shows through the old pin (leak) nor is written by it
/// (stray-write).
[[nodiscard]] std::vector<Finding> isolation(const Timeline& timeline);

/// When everything is let go all pages are at the scheme's idle count. Finding: count-drift.
[[nodiscard]] std::vector<Finding> conservation(const Timeline& timeline, const Scheme& scheme);

/// Mapping and pinning move the count by what the scheme says. Finding: scheme-mismatch.
[[nodiscard]] std::vector<Finding> counting(const Timeline& timeline, const Scheme& scheme);

/// SIGKILL ends a waiting breaker within the deadline (unkillable), and one that waits sleeps
/// instead of burning CPU (spin).
[[nodiscard]] std::vector<Finding> killable(const Timeline& timeline);

/// Long-term pins are refused on fsdax (longterm-pin), others are granted where the same pin of
/// ordinary memory is (pin-refused).
[[nodiscard]] std::vector<Finding> refusal(const Timeline& timeline);

/// The kernel logged no complaint. Findings: kernel-warning, kernel-oops.
[[nodiscard]] std::vector<Finding> quiet(const Timeline& timeline);

/// What was stored to outside the broken range, and promised durable by fsync() after the break,
/// has been flushed by the kernel; judged only where the same without a break was seen to be.
/// Finding: not-flushed.
[[nodiscard]] std::vector<Finding> durability(const Timeline& timeline);

/// Others who use the file meanwhile: who needs nothing that the breaker holds does not wait
/// (bystander-blocked), and who waits for the breaker ends after it (bystander-stuck).
[[nodiscard]] std::vector<Finding> bystanders(const Timeline& timeline);

/// What system calls answer is part of the interface: errno values from 512 on, which are the
/// kernel's own (include/linux/errno.h, ERESTARTSYS and following), stay inside. Finding:
/// internal-errno.
[[nodiscard]] std::vector<Finding> interface(const Timeline& timeline);

/// Whether somebody woke those who wait for the page, by the key they wait on and at the idle
/// count, in that time.
[[nodiscard]] bool woken_at_idle(const Timeline& timeline, const Scheme& scheme,
                                 std::int64_t from_ns, std::int64_t until_ns);

inline constexpr std::int64_t kernel_errno_first = 512;
inline constexpr std::int64_t kernel_errno_last = 530;

/// "EINTR", or what can be said of a number that has no name.
[[nodiscard]] std::string errno_word(std::int64_t number);

/// Whether the kernel or the filesystem refused a breaker that some of them do not know: why.
[[nodiscard]] std::optional<std::string> refused_breaker(const Timeline& timeline);

/// Why a trial without findings still proves nothing, or nothing if it exercised its path:
/// scan saw a busy page, the waiter slept, the wake came with the idle count, the breaker returned.
/// A breaker that need not wait for this pin may also just have returned.
[[nodiscard]] std::optional<std::string> not_exercised(const Timeline& timeline,
                                                       const Scheme& scheme);

/// Of memory that a device takes: the data come back as they were stored (corruption), the counts
/// are the scheme's where the driver hands a page out, has it in use and gets it back
/// (scheme-mismatch, count-overwritten), a page that somebody holds is not moved
/// (moved-while-held), of which the driver is told (refusal-unsaid), and not given to somebody else
/// (freed-while-held), none is pinned for long where it is (longterm-on-device), none that the
/// processor can use there leaves unasked (moved-unasked), the break comes to its end (stuck,
/// unkillable), and in the end the driver has all its pages (count-drift).
[[nodiscard]] std::vector<Finding> private_memory(const Timeline& timeline, const Scheme& scheme);

/// Why a trial of memory that a device takes proves nothing without findings, if that is so.
[[nodiscard]] std::optional<std::string> private_unexercised(const Timeline& timeline);

/// What the timeline lets one measure.
[[nodiscard]] Measures measure(const Timeline& timeline);

/// An event as a line of evidence, its time relative to the breaker's begin:
/// "+12.3 ms  wake  page count 1".
[[nodiscard]] std::string evidence_line(const Timeline& timeline, const Event& event);

/// Evidence lines of these events, absent ones left out.
[[nodiscard]] std::vector<std::string> evidence(const Timeline& timeline,
                                                std::vector<const Event*> events);

}  // namespace daxbreak::oracle
