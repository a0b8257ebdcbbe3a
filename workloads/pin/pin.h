// SPDX-License-Identifier: GPL-2.0
/// Ways to hold a page. One file per pin; each registers itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/registry.h"
#include "base/result.h"
#include "gate/gate.h"
#include "workloads/recipe.h"

namespace daxbreak {

/// Where the bytes go while the pin is held.
enum class PinFlow {
  from_page,  ///< the page is read when the pin ends (a pipe, a write to a device): can leak
  to_page,    ///< the page is written when the pin ends (a read from a device): can stray
  none,       ///< nothing moves
};

/// What a pin holds and with what.
struct PinTarget {
  std::span<std::byte> memory;  ///< page-aligned part of the DAX mapping, PinKind::pages long
  Gate* gate = nullptr;         ///< shut already; nullptr for pins that bring their own
  int device = -1;              ///< memory that a device takes: the driver, open
};

/// One hold on one piece of memory. hold() may be called once; release() ends it.
class Pin {
 public:
  Pin() = default;
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;
  /// Ends the hold without ceremony if release() was not called.
  virtual ~Pin() = default;

  /// Starts the hold. Returning does not yet mean that the kernel has taken its references (an I/O
  /// thread may still be on its way): the trial watches the page counts for that. An Error with
  /// EOPNOTSUPP from a pin that the kernel must refuse is what that pin asserts. An Error with
  /// ENOSYS says that this kernel has no such operation at all: the trial is skipped.
  virtual Result<void> hold(const PinTarget& target) = 0;

  /// Whether the kernel is surely done with taking references, so that a risen count means this
  /// hold and not get_user_pages_fast() on its way: that one takes a reference, looks at the page
  /// table again and may put the reference back (mm/gup.c, gup_pte_range()). A pin whose hold()
  /// returns only when everything is taken need not say anything.
  [[nodiscard]] virtual bool in_flight() const { return true; }

  /// For a late pin: nothing as long as it still comes and goes; the time (CLOCK_MONOTONIC,
  /// nanoseconds) since when it holds for good; came_too_late if the page was gone before.
  [[nodiscard]] virtual std::optional<std::int64_t> caught() const { return std::nullopt; }
  static constexpr std::int64_t came_too_late = -1;
  /// The processor that a late pin comes and goes on; the breaker is kept off it. Else whoever
  /// gives up the page hands the processor to the breaker that it woke, and never comes between.
  static constexpr int late_cpu = 0;

  /// For a pin of several holds: gives up all but the last of them, long before release(). The
  /// breaker must go on waiting.
  virtual Result<void> loosen() { return ok(); }

  /// Called after the gate was opened (or at once for a pin without one): completes the I/O and
  /// gives up everything held. Blocks until done.
  virtual Result<void> release() = 0;

  /// After release(), for PinFlow::from_page: the bytes that the holder received, in memory order.
  [[nodiscard]] virtual Result<std::vector<std::byte>> received() = 0;
};

/// With which flavour of reference a pin holds its pages.
enum class Flavour {
  get,      ///< FOLL_GET: one reference
  pin,      ///< FOLL_PIN: GUP_PIN_COUNTING_BIAS on a single page
  odirect,  ///< whichever O_DIRECT takes on this kernel
  other,    ///< not known, or not the same on all kernels: the count is not checked
};

/// One kind of pin.
struct PinKind {
  std::string_view name;         ///< as in a job file: "vmsplice"
  std::string_view help;         ///< one line for `list pins`: call, flavour, what ends it, and in
                                 ///< which context the last reference is dropped
  bool needs_gate = false;       ///< wants a gate device
  bool must_be_refused = false;  ///< long-term: the kernel must answer EOPNOTSUPP on fsdax
  bool lab_only = false;     ///< tests daxbreak itself and harms the machine: runs in the lab only,
                             ///< and is not part of "all"
  bool own_machine = false;  ///< uses what all processes share (network, mounts): lab only
  Flavour flavour = Flavour::other;
  unsigned references = 1;  ///< how many such references it takes on each page
  unsigned pages = 1;       ///< of how many pages, the last of which is the one that is broken
  bool transient = false;   ///< holds for moments, again and again: a breaker need not be seen to
                            ///< wait, but must come to its end while it goes on
  bool late = false;  ///< transient until the page is unmapped under it: then it holds for good
  bool shared_only = false;    ///< needs memory that is mapped MAP_SHARED
  bool keeps_file = false;     ///< maps the file itself: it outlives its other users
  bool file_only = false;      ///< cannot be had of device-dax memory
  bool writes_page = false;    ///< needs a mapping that may be written
  bool device_memory = false;  ///< of memory that a device takes, and not part of "all"
  PinFlow flow = PinFlow::none;
  std::function<std::unique_ptr<Pin>()> make;
  PinRecipe recipe;
};

using PinRegistry = Registry<PinKind>;

}  // namespace daxbreak
