// SPDX-License-Identifier: GPL-2.0
/// Ways to hold a page. One file per pin; each registers itself.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/registry.h"
#include "base/result.h"
#include "gate/gate.h"

namespace daxbreak {

/// Where the bytes go while the pin is held.
enum class PinFlow {
  from_page,  ///< the page is read when the pin ends (a pipe, a write to a device): can leak
  to_page,    ///< the page is written when the pin ends (a read from a device): can stray
  none,       ///< nothing moves
};

/// What a pin holds and with what.
struct PinTarget {
  std::span<std::byte> memory;  ///< page-aligned part of the DAX mapping
  Gate* gate = nullptr;         ///< shut already; nullptr for pins that bring their own
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
  /// EOPNOTSUPP from a pin that the kernel must refuse is what that pin asserts.
  virtual Result<void> hold(const PinTarget& target) = 0;

  /// Whether the kernel is surely done with taking references, so that a risen count means this
  /// hold and not get_user_pages_fast() on its way: that one takes a reference, looks at the page
  /// table again and may put the reference back (mm/gup.c, gup_pte_range()). A pin whose hold()
  /// returns only when everything is taken need not say anything.
  [[nodiscard]] virtual bool in_flight() const { return true; }

  /// Called after the gate was opened (or at once for a pin without one): completes the I/O and
  /// gives up everything held. Blocks until done.
  virtual Result<void> release() = 0;

  /// After release(), for PinFlow::from_page: the bytes that the holder received, in memory order.
  [[nodiscard]] virtual Result<std::vector<std::byte>> received() = 0;
};

/// One kind of pin.
struct PinKind {
  std::string_view name;         ///< as in a job file: "vmsplice"
  std::string_view help;         ///< one line for `list pins`: call, flavour, what ends it
  bool needs_gate = false;       ///< wants a gate device
  bool must_be_refused = false;  ///< long-term: the kernel must answer EOPNOTSUPP on fsdax
  bool lab_only = false;  ///< tests daxbreak itself and harms the machine: runs in the lab only,
                          ///< and is not part of "all"
  bool odirect = false;   ///< takes references the way O_DIRECT does (GET or PIN by kernel)
  PinFlow flow = PinFlow::none;
  std::function<std::unique_ptr<Pin>()> make;
};

using PinRegistry = Registry<PinKind>;

}  // namespace daxbreak
