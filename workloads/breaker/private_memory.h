// SPDX-License-Identifier: GPL-2.0
/// What breakers of memory that a device takes act on: anonymous pages that it has, filled with a
/// pattern. BreakTarget::state is a PrivateMemory; the breaker's process owns the pages.
/// Breakers `private-*` are for device-private memory, `coherent-*` for device-coherent.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/clock.h"
#include "pmem/private_device.h"
#include "workloads/breaker/breaker.h"

namespace daxbreak {

/// What the breaker's process says of its memory, in memory that the trial shares. Zero at first.
struct PrivateReport {
  static constexpr std::size_t most_pages = 64;

  // Of the migration before the break.
  std::uint64_t pages = 0;  ///< that the device has
  std::array<std::uint64_t, most_pages> frames{};
  int refused = 0;  ///< errno, if it has not all
  // Of the break, and of the first migration too.
  std::atomic<std::uint64_t> compared{0};     ///< bytes that were looked at
  std::atomic<std::uint64_t> wrong{0};        ///< ... and were not what had been stored
  std::atomic<std::uint64_t> rounds{0};       ///< a storm's: moved there and back
  std::atomic<std::uint64_t> held_moved{0};   ///< pages that moved although somebody held them
  std::atomic<std::uint64_t> held_unsaid{0};  ///< pages that did not, and the driver was not told
  std::atomic<std::uint64_t> held_stayed{0};  ///< pages that did not, and it was told so
  std::atomic<std::uint64_t> held_freed{0};   ///< pages that the driver handed out while held
  std::atomic<std::uint64_t> strayed{0};      ///< coherent pages that left though nobody asked
  std::atomic<std::uint64_t> longterm_there{0};  ///< pinned by FOLL_LONGTERM on the device
};

/// The pages, and who has them.
struct PrivateMemory {
  std::span<std::byte> pages;
  DeviceMemory kind = DeviceMemory::device_private;
  int device = -1;  ///< the driver, opened by this process
  std::uint32_t seed = 0;
  PrivateReport* report = nullptr;
  Nanos storm{};  ///< how long a storm lasts

  [[nodiscard]] PrivateMirror mirror() const { return PrivateMirror::of(device); }
};

/// Stores the pattern of this seed.
void fill_private(std::span<std::byte> pages, std::uint32_t seed);

/// Compares with the pattern, touching each page, and reports what is not as stored.
void compare_private(std::span<const std::byte> pages, std::uint32_t seed, PrivateReport& report);

/// Fills the pages and has them moved to the device; compares what the device got. The frames go
/// to the report if `frames`.
[[nodiscard]] Moved give_to_device(const PrivateMemory& memory);

/// Has the pages come back from the device, by a touch or, where that does nothing, by the driver;
/// compares them.
void bring_back(const PrivateMemory& memory);

/// How many of the pages a device has.
[[nodiscard]] Result<std::uint64_t> pages_on_device(std::span<const std::byte> pages);

/// Reports device-coherent pages that are not on the device; nothing of device-private ones, which
/// come back whenever they are touched. 0, or errno.
[[nodiscard]] int note_strayed(const PrivateMemory& memory);

/// Where a migration was to go.
enum class MoveTo { device, system };

/// Reports what became of pages that somebody held, all of them on the other side, when the driver
/// was to move them and said `moved`. 0, or errno.
[[nodiscard]] int note_held(const PrivateMemory& memory, const Moved& moved, MoveTo where);

/// The errno of an Error, as breakers return it.
[[nodiscard]] int number_of(const Error& error);

/// Registers a breaker of device-private memory, and the same for device-coherent memory.
class AddForBoth {
 public:
  AddForBoth(BreakerKind kind, std::string_view coherent_name, std::string_view coherent_help);

 private:
  BreakerRegistry::Add private_;
  BreakerRegistry::Add coherent_;
};

/// The memory of a breaker.
[[nodiscard]] const PrivateMemory& private_memory(const BreakTarget& target);

/// Ends the calling process as soon as its parent has died, so that no storm outlives its trial.
void die_with_parent();

/// Waits for a child: 0, or EIO if it came to a bad end.
[[nodiscard]] int outcome_of_child(int pid);

}  // namespace daxbreak
