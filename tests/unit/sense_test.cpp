// SPDX-License-Identifier: GPL-2.0
// The rules of sense, each with kinds made by hand; then with those that there are.
#include "job/sense.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>

#include "job/cover.h"

namespace daxbreak {
namespace {

constexpr std::uint64_t huge = 2U << 20U;

/// A cell that makes sense, of kinds that belong to the test.
struct Made {
  Cell cell{.kernel = "6.1", .filesystem = "xfs", .pin = "p", .breaker = "b"};
  PinKind pin{.name = "p", .flavour = Flavour::get};
  BreakerKind breaker{.name = "b", .ranged = true};
  DisturberKind disturber{.name = "d"};
  MemoryKind memory{.name = "shared"};

  /// The first rule that it offends, or "".
  [[nodiscard]] std::string offends() const {
    for (const SenseRule& rule : sense_rules())
      if (rule.senseless({.cell = cell,
                          .pin = pin,
                          .breaker = breaker,
                          .disturber = disturber,
                          .memory = memory}))
        return std::string(rule.name);
    return "";
  }
};

template <class Change>
std::string after(Change change) {
  Made made;
  change(made);
  return made.offends();
}

TEST(SenseRules, LetTheUsualPass) {
  EXPECT_EQ(Made().offends(), "");
  EXPECT_EQ(after([](Made& m) { m.cell.range = "elsewhere"; }), "");
  EXPECT_EQ(after([](Made& m) { m.cell.range = "beyond-eof"; }), "");
  EXPECT_EQ(after([](Made& m) { m.disturber.ends_breaker = EndsBreaker::interrupted; }), "");
  EXPECT_EQ(after([](Made& m) { m.pin.transient = true; }), "");
  EXPECT_EQ(after([](Made& m) { m.pin.flow = PinFlow::to_page; }), "");
}

TEST(SenseRules, KeepTheLabsBusinessOffTheHost) {
  const auto both = [](const std::string& rule, const auto& change) {
    EXPECT_EQ(after(change), "") << "in the lab";
    EXPECT_EQ(after([&](Made& made) {
                change(made);
                made.cell.kernel = "running";
              }),
              rule);
  };
  both("pin_shares_machine", [](Made& m) { m.pin.own_machine = true; });
  both("breaker_takes_filesystem", [](Made& m) { m.breaker.own_filesystem = true; });
  both("disturber_shares_machine", [](Made& m) { m.disturber.lab_only = true; });
}

TEST(SenseRules, KnowWhatAFilesystemHas) {
  EXPECT_EQ(after([](Made& m) { m.breaker.filesystems = {"ext4"}; }), "breaker_not_on_filesystem");
  EXPECT_EQ(after([](Made& m) { m.breaker.filesystems = {"ext4", "xfs"}; }), "");
  EXPECT_EQ(after([](Made& m) { m.memory.filesystems = {"ext4"}; }), "memory_not_on_filesystem");
  EXPECT_EQ(after([](Made& m) { m.breaker.device_dax = true; }), "device_breaker_on_file");
  EXPECT_EQ(after([](Made& m) { m.cell.filesystem = "devdax"; }), "file_breaker_on_device");
  const auto device = [](Made& m) {
    m.cell.filesystem = "devdax";
    m.breaker.device_dax = true;
    m.disturber.device_dax = true;
  };
  EXPECT_EQ(after(device), "");
  EXPECT_EQ(after([&](Made& m) { device(m), m.memory.how.shared = false; }),
            "file_memory_on_device");
  EXPECT_EQ(after([](Made& m) { m.pin.shared_only = true; }), "");
  EXPECT_EQ(after([](Made& m) { m.pin.shared_only = true, m.memory.how.shared = false; }),
            "private_is_not_shared");
  // Long-term pins need not be refused there, and may be disturbed.
  EXPECT_EQ(after([&](Made& m) { device(m), m.pin.must_be_refused = true; }), "");
  EXPECT_EQ(after([&](Made& m) { device(m), m.disturber.device_dax = false; }),
            "disturber_needs_file");
  EXPECT_EQ(after([&](Made& m) { device(m), m.pin.file_only = true; }), "pin_needs_file");
  EXPECT_EQ(after([&](Made& m) { device(m), m.cell.page_size = 1U << 30U; }), "");
  EXPECT_EQ(after([](Made& m) { m.cell.page_size = 1U << 30U; }), "giant_page_of_file");
  EXPECT_EQ(after([&](Made& m) { device(m), m.cell.kernel = "running"; }), "device_on_host");
}

TEST(SenseRules, KeepDeviceMemoryApart) {
  EXPECT_EQ(after([](Made& m) { m.breaker.device_memory = DeviceMemory::device_private; }),
            "device_memory_breaker_elsewhere");
  EXPECT_EQ(after([](Made& m) { m.pin.device_memory = true; }), "device_memory_pin_elsewhere");
  EXPECT_EQ(after([](Made& m) { m.disturber.device_memory = true; }),
            "device_memory_disturber_elsewhere");
  const auto taken = [](Made& m) {
    m.cell.filesystem = "device-private";
    m.breaker.device_memory = DeviceMemory::device_private;
    m.pin.device_memory = true;
  };
  EXPECT_EQ(after(taken), "");
  // Each kind has its own breakers; pins and disturbers are for both.
  const auto coherent = [&](Made& m) {
    taken(m);
    m.cell.filesystem = "device-coherent";
  };
  EXPECT_EQ(after(coherent), "device_memory_breaker_elsewhere");
  EXPECT_EQ(
      after([&](Made& m) { coherent(m), m.breaker.device_memory = DeviceMemory::device_coherent; }),
      "");
  EXPECT_EQ(after([&](Made& m) { taken(m), m.breaker.device_memory = DeviceMemory::none; }),
            "device_memory_breaker_elsewhere");
  EXPECT_EQ(after([&](Made& m) { taken(m), m.pin.device_memory = false; }),
            "device_memory_pin_elsewhere");
  EXPECT_EQ(after([&](Made& m) { taken(m), m.cell.disturber = "fork-write"; }),
            "device_memory_disturber_elsewhere");
  EXPECT_EQ(after([&](Made& m) { taken(m), m.cell.memory = "hole"; }),
            "device_memory_is_anonymous");
  EXPECT_EQ(after([&](Made& m) { taken(m), m.cell.page_size = huge; }),
            "device_memory_pages_are_small");
  EXPECT_EQ(after([&](Made& m) { taken(m), m.cell.kernel = "running"; }), "device_on_host");
}

TEST(SenseRules, KnowWhatPagesAreNeeded) {
  EXPECT_EQ(after([](Made& m) { m.disturber.huge_pages_only = true; }), "disturber_wants_huge");
  const auto large = [](Made& m) { m.cell.page_size = huge; };
  EXPECT_EQ(after([&](Made& m) { large(m), m.disturber.huge_pages_only = true; }), "");
  EXPECT_EQ(after([&](Made& m) { large(m), m.disturber.small_pages_only = true; }),
            "disturber_wants_small");
  EXPECT_EQ(after([&](Made& m) { large(m), m.memory.small_pages_only = true; }),
            "memory_wants_small");
}

TEST(SenseRules, KnowWhereARangeCanLie) {
  EXPECT_EQ(after([](Made& m) { m.breaker.ranged = false, m.cell.range = "elsewhere"; }),
            "range_of_whole_file");
  EXPECT_EQ(after([](Made& m) { m.breaker.ranged = false; }), "");
  EXPECT_EQ(after([](Made& m) { m.cell.range = "same-pmd"; }), "no_pmd");
  EXPECT_EQ(after([](Made& m) { m.cell.range = "same-pmd", m.cell.page_size = huge; }), "");
  EXPECT_EQ(after([](Made& m) { m.cell.range = "same-extent", m.memory.hole = true; }),
            "no_extent");
  const auto beyond = [](Made& m) { m.cell.range = "beyond-eof"; };
  EXPECT_EQ(after([&](Made& m) { beyond(m), m.breaker.needs_tail = true; }), "nothing_beyond_eof");
  EXPECT_EQ(after([&](Made& m) { beyond(m), m.breaker.partner = Partner::same; }),
            "nothing_beyond_eof");
  EXPECT_EQ(after([&](Made& m) { beyond(m), m.breaker.can_wedge = true; }), "nothing_beyond_eof");
}

TEST(SenseRules, LeaveRefusedPinsAlone) {
  const auto refused = [](Made& m) { m.pin.must_be_refused = true; };
  EXPECT_EQ(after(refused), "");
  EXPECT_EQ(after([&](Made& m) { refused(m), m.cell.disturber = "munmap"; }),
            "refused_is_disturbed");
  EXPECT_EQ(after([&](Made& m) { refused(m), m.cell.range = "elsewhere"; }),
            "refused_beside_range");
  const auto copy = [](Made& m) { m.memory.how.shared = m.memory.file_page = false; };
  EXPECT_EQ(after([&](Made& m) { refused(m), copy(m); }), "copy_is_not_refused");
  EXPECT_EQ(after([&](Made& m) { refused(m), m.memory.how.shared = false; }), "");
}

TEST(SenseRules, KnowPinsAndTheirMemory) {
  EXPECT_EQ(after([](Made& m) { m.cell.gate = "null-blk"; }), "gate_not_needed");
  EXPECT_EQ(after([](Made& m) { m.cell.gate = "null-blk", m.pin.needs_gate = true; }), "");
  const auto write = [](Made& m) { m.pin.writes_page = true; };
  EXPECT_EQ(after([&](Made& m) { write(m), m.memory.how.writable = false; }),
            "read_only_is_written");
  EXPECT_EQ(after([&](Made& m) { m.pin.flow = PinFlow::to_page, m.memory.how.writable = false; }),
            "read_only_is_written");
  EXPECT_EQ(after([&](Made& m) { write(m), m.memory.hole = true; }), "hole_is_written");
  EXPECT_EQ(after([&](Made& m) { write(m), m.memory.how.shared = false; }), "private_is_written");
  EXPECT_EQ(after([&](Made& m) { write(m), m.memory.how.shared = m.memory.file_page = false; }),
            "");
}

TEST(SenseRules, KnowWhatTheLastReferenceIs) {
  const auto last = [](Made& m) { m.breaker.last_reference = true; };
  EXPECT_EQ(after(last), "last_reference_is_mapped");
  EXPECT_EQ(after([&](Made& m) { last(m), m.disturber.unmaps = true; }), "");
  EXPECT_EQ(after([&](Made& m) { last(m), m.disturber.pin_in_breaker = true; }), "");
  EXPECT_EQ(after([&](Made& m) { last(m), m.disturber.unmaps = true, m.memory.file_page = false; }),
            "last_reference_to_copy");
}

TEST(SenseRules, KnowWhatCanBeDisturbed) {
  const auto moments = [](Made& m) { m.pin.transient = true; };
  EXPECT_EQ(after([&](Made& m) { moments(m), m.disturber.ends_breaker = EndsBreaker::died; }),
            "moments_are_not_waited_for");
  EXPECT_EQ(after([&](Made& m) { moments(m), m.disturber.unmaps = true; }), "moments_need_mapping");
  const auto own = [](Made& m) { m.disturber.pin_in_breaker = true; };
  EXPECT_EQ(after(own), "");
  EXPECT_EQ(after([&](Made& m) { own(m), m.pin.needs_gate = true; }), "breaker_cannot_hold");
  EXPECT_EQ(after([&](Made& m) { own(m), moments(m); }), "breaker_cannot_hold");
  EXPECT_EQ(after([](Made& m) {
              m.breaker.ends_process = true;
              m.disturber.ends_breaker = EndsBreaker::interrupted;
            }),
            "never_returns");
  const auto copy = [](Made& m) { m.memory.how.shared = m.memory.file_page = false; };
  EXPECT_EQ(after(copy), "");
  EXPECT_EQ(after([&](Made& m) { copy(m), m.disturber.ends_breaker = EndsBreaker::died; }),
            "nobody_waits");
  EXPECT_EQ(
      after([&](Made& m) { copy(m), m.disturber.bystander = [](BreakTarget&) { return 0; }; }),
      "nobody_waits");
}

TEST(CanWedge, IsSaidByTheBreakerOrByWhoHoldsThePin) {
  const BreakerKind usual{.name = "b"};
  const BreakerKind bad{.name = "b", .can_wedge = true};
  const BreakerKind last{.name = "b", .last_reference = true};
  const DisturberKind none{.name = "none"};
  const DisturberKind own{.name = "own", .pin_in_breaker = true};
  EXPECT_FALSE(can_wedge(usual, none));
  EXPECT_FALSE(can_wedge(usual, own));
  EXPECT_FALSE(can_wedge(last, none));
  EXPECT_TRUE(can_wedge(bad, none));
  EXPECT_TRUE(can_wedge(last, own));
  EXPECT_FALSE(can_wedge(Cell{.breaker = "no-such-breaker", .disturber = "none"}));
}

/// A job of all there is.
Job everything() {
  const Vocabulary words = Vocabulary::registered();
  Job job;
  job.name = "everything";
  job.page_sizes = {4096, huge};
  job.filesystems = words.filesystems;
  job.pins = words.pins;
  job.breakers = words.breakers;
  job.disturbers = words.disturbers;
  job.gates = words.gates;
  job.memories = words.memories;
  job.ranges = words.ranges;
  return job;
}

/// Any cell of the job, the same for the same number.
Cell any_cell(const Job& job, std::uint64_t number) {
  const auto pick = [&](const auto& list) {
    number = number * 6364136223846793005U + 1442695040888963407U;
    return list[(number >> 33U) % list.size()];
  };
  return {.kernel = "6.1",
          .filesystem = pick(job.filesystems),
          .page_size = pick(job.page_sizes),
          .pin = pick(job.pins),
          .breaker = pick(job.breakers),
          .disturber = pick(job.disturbers),
          .gate = pick(job.gates),
          .memory = pick(job.memories),
          .range = pick(job.ranges)};
}

KnownCell known(const Cell& cell) {
  return {.cell = cell,
          .pin = *PinRegistry::find(cell.pin),
          .breaker = *BreakerRegistry::find(cell.breaker),
          .disturber = *DisturberRegistry::find(cell.disturber),
          .memory = *MemoryRegistry::find(cell.memory)};
}

/// Puts `from`'s values of these axes into the cell.
void take_axes(Cell& cell, const Cell& from, unsigned axes) {
  if ((axes & axis_filesystem) != 0) cell.filesystem = from.filesystem;
  if ((axes & axis_page_size) != 0) cell.page_size = from.page_size;
  if ((axes & axis_memory) != 0) cell.memory = from.memory;
  if ((axes & axis_pin) != 0) cell.pin = from.pin;
  if ((axes & axis_gate) != 0) cell.gate = from.gate;
  if ((axes & axis_breaker) != 0) cell.breaker = from.breaker;
  if ((axes & axis_range) != 0) cell.range = from.range;
  if ((axes & axis_disturber) != 0) cell.disturber = from.disturber;
}

TEST(SenseRules, LookAtNoOtherAxesThanTheySay) {
  const Job job = everything();
  for (const SenseRule& rule : sense_rules()) {
    EXPECT_NE(rule.axes, 0U) << rule.name;
    for (std::uint64_t i = 0; i < 300; ++i) {
      const Cell cell = any_cell(job, i);
      Cell other = any_cell(job, i + 1000);
      take_axes(other, cell, rule.axes);
      EXPECT_EQ(rule.senseless(known(cell)), rule.senseless(known(other)))
          << rule.name << ": " << cell.id() << " and " << other.id();
    }
  }
}

TEST(SenseRules, HaveNamesAndReasonsOfTheirOwn) {
  std::set<std::string_view> names;
  std::set<std::string_view> reasons;
  for (const SenseRule& rule : sense_rules()) {
    EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
    EXPECT_TRUE(reasons.insert(rule.reason).second) << rule.reason;
  }
}

TEST(SenseRules, LeaveEveryKindSomething) {
  // A kind that no cell of the lab may have would be dead code.
  const Job job = everything();
  std::map<std::string, int> used;
  for (const Cell& cell : pairwise_cells(job, "6.1").cells)
    for (const std::string& name :
         {cell.pin, cell.breaker, cell.disturber, cell.memory, cell.range})
      ++used[name];
  for (const auto* list : {&job.pins, &job.disturbers, &job.memories, &job.ranges})
    for (const std::string& name : *list)
      EXPECT_GT(used[name], 0) << name;
  for (const std::string& name : job.breakers)
    EXPECT_TRUE(used[name] > 0 || BreakerRegistry::find(name)->device_dax) << name;
}

TEST(PairwiseCells, CoverAllPairsThatAnySensibleCellHas) {
  const Job job = everything();
  const PairwiseCells chosen = pairwise_cells(job, "6.1");
  std::set<std::pair<std::string, std::string>> covered;
  const auto each_pair = [](const Cell& cell, const auto& use) {
    const std::array<std::string, axis_count> values{
        "f " + cell.filesystem, "s " + std::to_string(cell.page_size),
        "m " + cell.memory,     "p " + cell.pin,
        "g " + cell.gate,       "b " + cell.breaker,
        "r " + cell.range,      "d " + cell.disturber};
    for (std::size_t left = 0; left < values.size(); ++left)
      for (std::size_t right = left + 1; right < values.size(); ++right)
        use(std::pair(values.at(left), values.at(right)));
  };
  std::set<Cell> once;
  for (const Cell& cell : chosen.cells) {
    EXPECT_EQ(skip_reason(cell), std::nullopt) << cell.id();
    EXPECT_TRUE(once.insert(cell).second) << cell.id() << " comes twice";
    each_pair(cell, [&](const auto& pair) { covered.insert(pair); });
  }
  EXPECT_EQ(covered.size(), chosen.pairs);
  // Whatever sensible cell one may come upon brings no new pair.
  for (std::uint64_t i = 0; i < 20000; ++i) {
    const Cell cell = any_cell(job, i);
    if (skip_reason(cell)) continue;
    each_pair(cell, [&](const auto& pair) {
      EXPECT_TRUE(covered.contains(pair)) << pair.first << " with " << pair.second;
    });
  }
}

}  // namespace
}  // namespace daxbreak
