// SPDX-License-Identifier: GPL-2.0
#include "report/reproducer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/units.h"
#include "pmem/mapping.h"
#include "report/reproducer_skeleton.h"
#include "trial/layout.h"
#include "workloads/breaker/breaker.h"
#include "workloads/disturber/disturber.h"
#include "workloads/memory/memory.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

/// Takes the first line off, without its newline.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::size_t count_leading(std::string_view line, char letter) {
  return std::min(line.find_first_not_of(letter), line.size());
}

/// A line's values put in. A value that is all of a line brings as many lines as it has.
class Filler {
 public:
  explicit Filler(const SkeletonFilling& filling) : filling_(filling) {}

  void line(std::string_view line) {
    if (block_mark(line) || !shown()) return;
    const std::size_t indent = count_leading(line, '\t');
    const std::string_view rest = line.substr(indent);
    if (rest.size() > 2 && rest.front() == '@' && rest.find('@', 1) == rest.size() - 1)
      return lines(value(rest.substr(1, rest.size() - 2)), indent);
    text_ += inlined(line);
    text_ += '\n';
  }

  /// The text, without a second empty line in succession.
  [[nodiscard]] std::string text() const {
    std::string clean;
    for (const char letter : text_)
      if (letter != '\n' || !clean.ends_with("\n\n")) clean += letter;
    return clean;
  }

 private:
  bool block_mark(std::string_view line) {
    constexpr std::string_view begin = "@if ";
    if (line == "@end") {
      if (!blocks_.empty()) blocks_.pop_back();
      return true;
    }
    if (!line.starts_with(begin)) return false;
    line.remove_prefix(begin.size());
    const bool wanted = !line.starts_with('!');
    if (!wanted) line.remove_prefix(1);
    blocks_.push_back(filling_.flags.contains(line) == wanted);
    return true;
  }

  [[nodiscard]] bool shown() const {
    return std::all_of(blocks_.begin(), blocks_.end(), [](bool block) { return block; });
  }

  [[nodiscard]] std::string_view value(std::string_view name) const {
    const auto found = filling_.values.find(name);
    return found == filling_.values.end() ? std::string_view() : found->second;
  }

  void lines(std::string_view text, std::size_t indent) {
    while (!text.empty()) {
      const std::string_view line = take_line(text);
      if (!line.empty()) text_.append(indent, '\t');
      text_ += line;
      text_ += '\n';
    }
  }

  [[nodiscard]] std::string inlined(std::string_view line) const {
    std::string result;
    for (;;) {
      const auto begin = line.find('@');
      const auto end = begin == std::string_view::npos ? begin : line.find('@', begin + 1);
      result += line.substr(0, end == std::string_view::npos ? end : begin);
      if (end == std::string_view::npos) return result;
      result += value(line.substr(begin + 1, end - begin - 1));
      line.remove_prefix(end + 1);
    }
  }

  const SkeletonFilling& filling_;
  std::string text_;
  std::vector<bool> blocks_;
};

/// The kinds that a cell names, all of them there.
struct Kinds {
  const PinKind* pin;
  const BreakerKind* breaker;
  const DisturberKind* disturber;
  const MemoryKind* memory;
};

Error lacking(std::string_view axis, std::string_view name, std::string_view why = {}) {
  return Error{fmt::format("the {} \"{}\" has no recipe{}{}: no reproducer can be made", axis, name,
                           why.empty() ? "" : ", for ", why)};
}

Result<Kinds> kinds_of(const Cell& cell) {
  const Kinds kinds{.pin = PinRegistry::find(cell.pin),
                    .breaker = BreakerRegistry::find(cell.breaker),
                    .disturber = DisturberRegistry::find(cell.disturber),
                    .memory = MemoryRegistry::find(cell.memory)};
  const std::array<std::pair<const char*, const std::string*>, 4> missing{
      {{kinds.pin == nullptr ? "pin" : nullptr, &cell.pin},
       {kinds.breaker == nullptr ? "breaker" : nullptr, &cell.breaker},
       {kinds.disturber == nullptr ? "disturber" : nullptr, &cell.disturber},
       {kinds.memory == nullptr ? "kind of memory" : nullptr, &cell.memory}}};
  for (const auto& [axis, name] : missing)
    if (axis != nullptr) return Error{fmt::format("no {} is called \"{}\"", axis, *name)};
  if (kinds.breaker->device_dax)
    return Error{cell.breaker + " is for device-dax, and reproducers are about files"};
  if (kinds.pin->recipe.hold.empty()) return lacking("pin", cell.pin, kinds.pin->recipe.none);
  if (kinds.breaker->recipe.call.empty()) return lacking("breaker", cell.breaker);
  const auto& disturber = *kinds.disturber;
  const bool does_something =
      disturber.before || disturber.during || disturber.bystander || disturber.pin_in_breaker;
  if (does_something && disturber.recipe.before.empty() && disturber.recipe.during.empty())
    return lacking("disturber", cell.disturber);
  return kinds;
}

/// Text as lines of a block comment, "label" before the first.
std::string comment(std::string_view label, std::string_view text) {
  constexpr std::size_t width = 84;
  constexpr std::size_t column = 12;
  std::string result;
  std::string line = fmt::format(" * {:{}}", label, column);
  bool fresh = true;
  while (!text.empty()) {
    const auto end = text.find(' ');
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!fresh && line.size() + 1 + word.size() > width) {
      result += line + "\n";
      line = fmt::format(" * {:{}}", "", column);
      fresh = true;
    }
    if (!fresh) line += ' ';
    line += word;
    fresh = false;
  }
  return result + line + "\n";
}

/// What the linker must be told because of the recipes' headers.
std::string libraries_for(std::string_view includes) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> known{
      {{"<liburing.h>", " -luring"},
       {"<libaio.h>", " -laio"},
       {"<infiniband/", " -libverbs"},
       {"<rdma/", " -lrdmacm"}}};
  std::string libraries;
  for (const auto& [header, library] : known)
    if (includes.find(header) != std::string_view::npos) libraries += library;
  return libraries;
}

/// The program being put together.
class Program {
 public:
  Program(const Cell& cell, const Kinds& kinds, Layout layout)
      : cell_(cell), kinds_(kinds), layout_(std::move(layout)) {}

  [[nodiscard]] std::string text() {
    flag_pin();
    flag_memory();
    flag_breaker();
    flag_disturber();
    flag_block();
    set_layout();
    set_recipes();
    set("HEADER", header());
    return fill_skeleton(reproducer_skeleton, filling_);
  }

 private:
  void flag(const char* name, bool on) {
    if (on) filling_.flags.insert(name);
  }
  [[nodiscard]] bool has(std::string_view name) const { return filling_.flags.contains(name); }
  void set(const char* name, std::string value) { filling_.values[name] = std::move(value); }

  void flag_pin() {
    flag("GATED", kinds_.pin->needs_gate);
    flag("TO_PAGE", kinds_.pin->flow == PinFlow::to_page || kinds_.pin->recipe.fills);
    flag("TRANSIENT", kinds_.pin->transient);
    flag("REFUSED", kinds_.pin->must_be_refused);
    flag("LOOSENS", !kinds_.pin->recipe.loosen.empty());
    flag("OWN", kinds_.disturber->pin_in_breaker);
  }

  void flag_memory() {
    flag("WRITES", kinds_.memory->write_touch);
    flag("HOLE", kinds_.memory->hole);
    flag("CLONE", kinds_.memory->shared_extent);
    flag("CLONE_MAPPED", kinds_.memory->clone_mapped);
  }

  void flag_breaker() {
    const BreakerKind& breaker = *kinds_.breaker;
    const bool must_wait = kinds_.memory->file_page && !kinds_.pin->transient &&
                           cell_.range == range_kinds().front().name;
    flag("MAYBE", must_wait && breaker.takes == Takes::maybe && !breaker.last_reference &&
                      !breaker.own_filesystem);
    flag("MAY_RETURN", !has("MAYBE") && !(must_wait && breaker.takes == Takes::yes));
    flag("PARTNER", breaker.partner != Partner::none);
    flag("UNNAMED", breaker.unnamed);
    flag("LAST", breaker.last_reference);
    flag("EXITS", breaker.ends_process);
    flag("LEAVES", breaker.restore != nullptr && breaker.recipe.restore.empty());
    // Page 1 has to stay in the file, where it is.
    flag("WITNESS", kinds_.memory->how.writable && kinds_.memory->how.shared &&
                        !breaker.last_reference && !breaker.own_filesystem && !has("OWN") &&
                        (breaker.ranged || breaker.takes == Takes::no));
  }

  void flag_block() {
    // A break that takes the whole filesystem along leaves nobody to give the block to.
    flag("TAKEN", !has("MAY_RETURN") && !has("OWN") && !kinds_.breaker->own_filesystem &&
                      (has("TO_PAGE") || kinds_.pin->recipe.gives));
    flag("BLOCK", has("MAYBE") || has("TAKEN"));
    flag("FS", has("BLOCK") || has("CLONE"));
  }

  void flag_disturber() {
    flag("BEFORE", !kinds_.disturber->recipe.before.empty());
    flag("DURING", !kinds_.disturber->recipe.during.empty());
    flag("DIES", kinds_.disturber->ends_breaker == EndsBreaker::died);
    flag("INTERRUPTED", kinds_.disturber->ends_breaker == EndsBreaker::interrupted);
  }

  void set_layout() {
    const auto number = [&](const char* name, std::uint64_t value) {
      set(name, std::to_string(value));
    };
    number("FILE_SIZE", layout_.file_size);
    number("PINNED", layout_.pinned.length);
    number("PAGE_AT", layout_.pinned.offset);
    number("OFFSET", layout_.broken.offset);
    number("LENGTH", layout_.broken.length);
    number("HOLE_AT", layout_.mapped_page.offset);
    number("HOLE_LENGTH", layout_.mapped_page.length);
    std::vector<std::string> parts;
    for (const Stretch& part : layout_.allocated)
      parts.push_back(fmt::format("{{ {}, {} }}", part.offset, part.length));
    flag("HUGE", cell_.page_size == huge_page);
    flag("PARTS", parts.size() > 1);
    set("WITNESS_ENTRY", has("HUGE") ? "0x0 pglen 0x200" : "0x1 pglen 0x1");
    set("PARTS", fmt::format("{}", fmt::join(parts, ", ")));
  }

  void set_recipes() {
    const PinRecipe& pin = kinds_.pin->recipe;
    const BreakerRecipe& breaker = kinds_.breaker->recipe;
    const DisturberRecipe& disturber = kinds_.disturber->recipe;
    const auto or_else = [](std::string_view text, std::string_view otherwise) {
      return std::string(text.empty() ? otherwise : text);
    };
    includes_ = fmt::format("{}{}{}", pin.includes, breaker.includes, disturber.includes);
    set("INCLUDES", includes_);
    set("PIN_FUNCTIONS", with_tabs(pin.functions));
    set("BREAK_FUNCTIONS", with_tabs(breaker.functions));
    set("DISTURB_FUNCTIONS", with_tabs(disturber.functions));
    set("HOLD", with_tabs(pin.hold));
    set("LOOSEN", with_tabs(pin.loosen));
    set("RELEASE", with_tabs(pin.release));
    set("ARM", with_tabs(breaker.arm));
    set("CALL", std::string(breaker.call));
    set("PREPARE", with_tabs(breaker.prepare));
    set("RESTORE", with_tabs(breaker.restore));
    set("DEVICE_WORD", has("GATED") ? " [DEVICE]" : "");
    set("BEFORE", with_tabs(disturber.before));
    set("DURING", with_tabs(disturber.during));
    set("MAP_FLAGS", or_else(kinds_.memory->recipe_flags, "MAP_SHARED"));
    set("PROTECTION", or_else(kinds_.memory->recipe_protection, "PROT_READ | PROT_WRITE"));
    set("PIN", cell_.pin);
    set("BREAKER", cell_.breaker);
    set("PARTNER_CONTENT", kinds_.breaker->partner == Partner::same ? "A" : "B");
  }

  [[nodiscard]] std::string expected() const {
    if (has("REFUSED")) return "the hold is refused with EOPNOTSUPP.";
    if (has("OWN")) return "a signal ends the call, for nobody else could.";
    if (!has("MAY_RETURN") && !has("MAYBE"))
      return "the call waits until the page was let go, and then returns. No signal is needed.";
    if (has("MAYBE"))
      return "if the call takes the block under the page it waits until the page was let go; in "
             "any "
             "case it returns then. No signal is needed.";
    return "the call returns, after the page was let go at the latest. No signal is needed.";
  }

  [[nodiscard]] std::string header() const {
    std::string lines = fmt::format(
        " * {}: does a break of this file's layout wait for who holds its page, and wake?\n *\n",
        cell_.id());
    if (cell_.memory != Cell().memory) lines += comment("Memory:", kinds_.memory->help);
    lines += comment("Held by:", fmt::format("{}: {}", cell_.pin, kinds_.pin->help));
    lines += comment("Broken by:", fmt::format("{}: {}", cell_.breaker, kinds_.breaker->help));
    if (cell_.disturber != Cell().disturber)
      lines += comment("Besides:", fmt::format("{}: {}", cell_.disturber, kinds_.disturber->help));
    lines += comment("Expected:", expected());
    lines += fmt::format(" *\n * cc -O1 -pthread -o repro repro.c{}\n", libraries_for(includes_));
    lines += fmt::format(" * ./repro DIR{}    (root; DIR on {} mounted with DAX{})\n",
                         has("GATED") ? " [DEVICE]" : "", cell_.filesystem,
                         has("LEAVES") ? ", which is left as the call made it" : "");
    if (has("GATED"))
      lines +=
          " * DEVICE is a block device to spare whose I/O takes about 3 s. Without one, the\n"
          " * program makes a null_blk like that.\n";
    lines +=
        " *\n * It comes to its end by itself, in a minute at most. The last line names what was\n"
        " * shown. Exit status: 0 nothing wrong, 1 shown, 2 could not run.\n";
    return lines;
  }

  const Cell& cell_;
  Kinds kinds_;
  Layout layout_;
  std::string includes_;
  SkeletonFilling filling_;
};

}  // namespace

std::string fill_skeleton(std::string_view skeleton, const SkeletonFilling& filling) {
  Filler filler(filling);
  while (!skeleton.empty())
    filler.line(take_line(skeleton));
  return filler.text();
}

std::string with_tabs(std::string_view code) {
  constexpr std::size_t blanks_a_level = 2;
  // Some recipes begin one level deep.
  std::optional<std::size_t> outermost;
  for (std::string_view rest = code; !rest.empty();) {
    const std::string_view line = take_line(rest);
    if (line.empty() || line.front() == '#') continue;
    const std::size_t tabs = count_leading(line, '\t');
    outermost = std::min(outermost.value_or(tabs), tabs);
  }
  std::string result;
  while (!code.empty()) {
    std::string_view line = take_line(code);
    line.remove_prefix(std::min(outermost.value_or(0), count_leading(line, '\t')));
    const std::size_t blanks = count_leading(line, ' ');
    result.append(blanks / blanks_a_level, '\t');
    result += line.substr(blanks);
    result += '\n';
  }
  return result;
}

Result<std::string> reproducer(const Cell& cell) {
  auto kinds = kinds_of(cell);
  if (!kinds) return kinds.error();
  auto layout = layout_for({.page_size = cell.page_size,
                            .range = cell.range,
                            .needs_tail = kinds->breaker->needs_tail,
                            .pin_pages = kinds->pin->pages});
  if (!layout) return layout.error();
  return Program(cell, *kinds, std::move(*layout)).text();
}

}  // namespace daxbreak
