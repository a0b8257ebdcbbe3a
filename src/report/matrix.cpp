// SPDX-License-Identifier: GPL-2.0
#include "report/matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/units.h"
#include "report/axis_tables.h"
#include "report/cells.h"
#include "report/marks.h"
#include "report/tally.h"
#include "report/text.h"

namespace daxbreak {
namespace {

/// Trials by their place in the table.
using Row = std::array<std::string, 3>;              // pin and memory, breaker and range, disturber
using Spot = std::pair<std::string, std::uint64_t>;  // filesystem, page size
using Trials = std::vector<const TrialRecord*>;

template <class T>
void add_once(std::vector<T>& list, const T& value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(value);
}

/// What is in the table, and where.
struct Layout {
  std::vector<std::string> kernels;
  std::vector<std::string> filesystems;
  std::set<std::uint64_t> pages;
  std::vector<std::string> pins, breakers, disturbers;  // in the order of the plan
  std::set<Row> rows;
  std::map<std::string, std::map<std::pair<Row, Spot>, Trials>> trials;  // of each kernel

  [[nodiscard]] Trials at(const std::string& kernel, const Row& row, const Spot& spot) const {
    const auto column = trials.find(kernel);
    if (column == trials.end()) return {};
    const auto cell = column->second.find({row, spot});
    return cell == column->second.end() ? Trials{} : cell->second;
  }
};

Layout layout_of(const RunRecord& run) {
  Layout layout;
  std::vector<const TrialRecord*> ordered;
  for (const TrialRecord& trial : run.trials)
    ordered.push_back(&trial);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const auto* left, const auto* right) { return left->index < right->index; });
  for (const TrialRecord* trial : ordered) {
    const Cell& cell = trial->timeline.cell;
    const Row row{held_label(cell), breaker_label(cell), cell.disturber};
    add_once(layout.filesystems, cell.filesystem);
    layout.pages.insert(cell.page_size);
    add_once(layout.pins, row[0]);
    add_once(layout.breakers, row[1]);
    add_once(layout.disturbers, row[2]);
    layout.rows.insert(row);
    layout.trials[cell.kernel][{row, {cell.filesystem, cell.page_size}}].push_back(trial);
  }
  // A column of its own for every kernel that said what it is, even if it gave no trial.
  for (const std::string& kernel : kernels_of(run)) {
    const bool spoke = !environment_of(run, kernel).kernel.empty();
    if (spoke || layout.trials.contains(kernel)) layout.kernels.push_back(kernel);
  }
  return layout;
}

/// Prints the columns of some kernels.
class Table {
 public:
  Table(const RunRecord& run, const Layout& layout, const Marks& marks, const Style& style)
      : run_(run), layout_(layout), marks_(marks), style_(style) {
    for (const std::uint64_t page : layout_.pages) {
      page_names_.push_back(format_size(page));
      page_width_ = std::max(page_width_, page_names_.back().size());
    }
    std::size_t name_width = layout_.pages.size() * (page_width_ + 1) - 1;
    for (const std::string& name : layout_.filesystems)
      name_width = std::max(name_width, text_width(shorten(name, longest_name)));
    filesystem_width_ = name_width;
    kernel_width_ = layout_.filesystems.size() * (filesystem_width_ + 1) - 1;
    for (const std::string& kernel : layout_.kernels)
      for (const std::string& line : heading(kernel))
        kernel_width_ = std::max(kernel_width_, text_width(shorten(line, longest_name)));
    // Room for what folded rows are called.
    const auto folded = [](std::string_view all, std::string_view rest, std::size_t rows) {
      return std::max(text_width(all), rows < many_rows ? 0 : text_width(rest));
    };
    std::size_t breaker = folded(any_breaker, other_breakers, layout_.breakers.size());
    std::size_t disturber = folded(any, others, layout_.disturbers.size());
    for (const std::string& name : layout_.breakers)
      breaker = std::max(breaker, cut_width(name));
    for (const std::string& name : layout_.disturbers)
      disturber = std::max(disturber, cut_width(name));
    breaker_width_ = breaker;
    label_width_ = indent + breaker + 1 + disturber;
    for (const std::string& name : layout_.pins)
      label_width_ = std::max(label_width_, std::min(cut_width(name), longest_name));
  }

  /// How many kernels stand side by side; at least one.
  [[nodiscard]] std::size_t kernels_across() const {
    const auto width = static_cast<std::size_t>(std::max(style_.width, 0));
    const std::size_t room = width > label_width_ ? width - label_width_ : 0;
    return std::max<std::size_t>(1, room / (kernel_width_ + gap));
  }

  [[nodiscard]] std::string format(const std::vector<std::string>& kernels) const {
    // Of many pins those that look the same stand together.
    std::vector<std::pair<std::vector<std::string>, std::string>> groups;
    for (const std::string& pin : layout_.pins) {
      std::string rows = group(kernels, pin);
      const auto same = std::find_if(groups.begin(), groups.end(),
                                     [&](const auto& other) { return other.second == rows; });
      if (layout_.pins.size() < many_pins || same == groups.end())
        groups.emplace_back(std::vector{pin}, std::move(rows));
      else
        same->first.push_back(pin);
    }
    std::string out = header(kernels);
    for (const auto& [pins, rows] : groups)
      out += "\n" + title(pins) + rows;
    return out;
  }

 private:
  static constexpr std::size_t longest_name = 24;
  static constexpr std::size_t many_rows = 5;  // more than that are not taken in at a glance ...
  static constexpr std::size_t worth_folding = 3;  // ... and one name for fewer says less
  static constexpr std::size_t many_pins = 12;
  static constexpr std::size_t indent = 2;
  static constexpr std::size_t gap = 2;
  static constexpr std::string_view any = "any";
  static constexpr std::string_view others = "others";
  static constexpr std::string_view any_breaker = "any breaker";
  static constexpr std::string_view other_breakers = "other breakers";

  static std::size_t cut_width(const std::string& name) {
    return text_width(shorten(name, longest_name));
  }

  /// The names of pins over their rows.
  [[nodiscard]] std::string title(const std::vector<std::string>& pins) const {
    if (pins.size() == 1)
      return style_.paint(Ink::strong, shorten(pins.front(), label_width_)) + "\n";
    std::string names;
    for (const std::string& pin : pins)
      names += (names.empty() ? "" : ", ") + pin;
    std::string lines = wrap(names, style_.width, "", "");
    lines.pop_back();
    return style_.paint(Ink::strong, lines) + "\n";
  }

  /// The lines over a kernel's column: name, version, scheme.
  [[nodiscard]] std::vector<std::string> heading(const std::string& kernel) const {
    const Environment& environment = environment_of(run_, kernel);
    const bool package =
        !environment.version.empty() && environment.version.find(' ') == std::string::npos;
    return {kernel, package ? environment.version : environment.release,
            environment.scheme.empty() ? "scheme unknown" : environment.scheme};
  }

  /// A line that ends where its text ends.
  static std::string trimmed(std::string line) {
    const auto last = line.find_last_not_of(' ');
    line.erase(last == std::string::npos ? 0 : last + 1);
    return line + "\n";
  }

  [[nodiscard]] std::string header(const std::vector<std::string>& kernels) const {
    std::string out;
    for (std::size_t row = 0; row < 3; ++row) {
      std::string line(label_width_, ' ');
      for (const std::string& kernel : kernels) {
        const std::string name = shorten(heading(kernel)[row], kernel_width_);
        line += std::string(gap, ' ') + style_.paint(row == 0 ? Ink::strong : Ink::plain, name);
        line.append(kernel_width_ - text_width(name), ' ');
      }
      out += trimmed(line);
    }
    std::string names(label_width_, ' ');
    std::string pages(label_width_, ' ');
    for (std::size_t i = 0; i < kernels.size(); ++i) {
      std::string its_names;
      std::string its_pages;
      for (const std::string& filesystem : layout_.filesystems) {
        its_names += pad(shorten(filesystem, longest_name), filesystem_width_) + " ";
        std::string sizes;
        for (const std::string& page : page_names_)
          sizes += pad(page, page_width_) + " ";
        its_pages += pad(sizes, filesystem_width_ + 1);
      }
      its_names.pop_back();
      its_pages.pop_back();
      names += std::string(gap, ' ') + pad(its_names, kernel_width_);
      pages += std::string(gap, ' ') + pad(its_pages, kernel_width_);
    }
    return out + trimmed(names) + trimmed(pages);
  }

  /// The marks of one row; equal strings look equal.
  [[nodiscard]] std::string marks_of(const std::vector<std::string>& kernels,
                                     const Row& row) const {
    std::string line;
    std::size_t blanks = 0;  // kept back, so that no line ends in them
    const auto put = [&](const std::string& kernel, const Spot& spot) {
      const Mark mark = marks_.of(layout_.at(kernel, row, spot));
      if (mark.text == " ") {
        ++blanks;
        return;
      }
      line.append(blanks, ' ');
      line += style_.paint(mark.ink, mark.text);
      blanks = 0;
    };
    for (const std::string& kernel : kernels) {
      blanks += gap;
      std::size_t used = 0;
      for (const std::string& filesystem : layout_.filesystems) {
        for (const std::uint64_t page : layout_.pages) {
          put(kernel, {filesystem, page});
          blanks += page_width_ - 1 + 1;
        }
        const std::size_t pages = layout_.pages.size() * (page_width_ + 1);
        blanks += filesystem_width_ + 1 - pages;
        used += filesystem_width_ + 1;
      }
      blanks += kernel_width_ + 1 - used;
      --blanks;  // the column that every filesystem leaves free on its right
    }
    return line;
  }

  /// A breaker's rows under one pin: disturber and marks.
  using Block = std::vector<std::pair<std::string, std::string>>;

  [[nodiscard]] Block block(const std::vector<std::string>& kernels, const std::string& pin,
                            const std::string& breaker) const {
    Block rows;
    for (const std::string& disturber : layout_.disturbers)
      if (const Row row{pin, breaker, disturber}; layout_.rows.contains(row))
        rows.emplace_back(disturber, marks_of(kernels, row));
    fold(rows, any, others);
    return rows;
  }

  /// Rows that all look the same become one, `all`; of many, those that look as most do become the
  /// last one, `rest`.
  template <class Looks>
  static void fold(std::vector<std::pair<std::string, Looks>>& rows, std::string_view all,
                   std::string_view rest) {
    const auto alike = [&](const Looks& looks) {
      return std::count_if(rows.begin(), rows.end(),
                           [&](const auto& row) { return row.second == looks; });
    };
    if (rows.size() < 2) return;
    const auto usual =
        std::max_element(rows.begin(), rows.end(), [&](const auto& left, const auto& right) {
          return alike(left.second) < alike(right.second);
        });
    const Looks looks = usual->second;
    const auto count = static_cast<std::size_t>(alike(looks));
    if (count < rows.size() && (rows.size() < many_rows || count < worth_folding)) return;
    const std::string name(count == rows.size() ? all : rest);
    std::erase_if(rows, [&](const auto& row) { return row.second == looks; });
    rows.emplace_back(name, looks);
  }

  /// The rows of one pin, without its name.
  [[nodiscard]] std::string group(const std::vector<std::string>& kernels,
                                  const std::string& pin) const {
    std::vector<std::pair<std::string, Block>> blocks;
    for (const std::string& breaker : layout_.breakers)
      if (Block rows = block(kernels, pin, breaker); !rows.empty())
        blocks.emplace_back(breaker, std::move(rows));
    fold(blocks, any_breaker, other_breakers);
    std::string out;
    for (const auto& [breaker, rows] : blocks)
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string name = i == 0 ? shorten(breaker, longest_name) : "";
        out += labelled(pad(name, breaker_width_ + 1) + shorten(rows[i].first, longest_name),
                        rows[i].second);
      }
    return out;
  }

  [[nodiscard]] std::string labelled(const std::string& label, const std::string& marks) const {
    return trimmed(pad(std::string(indent, ' ') + label, label_width_) + marks);
  }

  const RunRecord& run_;
  const Layout& layout_;
  const Marks& marks_;
  const Style& style_;
  std::vector<std::string> page_names_;
  std::size_t page_width_ = 1;
  std::size_t filesystem_width_ = 0;
  std::size_t kernel_width_ = 0;
  std::size_t breaker_width_ = 0;
  std::size_t label_width_ = 0;
};

/// Entries with colours in them, in lines of at most `width` columns.
std::string flow(const std::vector<std::string>& entries, int width) {
  std::string out;
  std::string line;
  std::size_t used = 0;
  for (const std::string& entry : entries) {
    // Escape sequences take no columns.
    std::size_t wide = 0;
    bool escape = false;
    for (const char c : entry) {
      if (c == '\033') escape = true;
      if (!escape && (static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++wide;
      if (c == 'm') escape = false;
    }
    if (used > 0 && used + 3 + wide > static_cast<std::size_t>(std::max(width, 20))) {
      out += line + "\n";
      line.clear();
      used = 0;
    }
    if (used > 0) line += "   ";
    line += entry;
    used += wide + 3;
  }
  return line.empty() ? out : out + line + "\n";
}

}  // namespace

std::string format_matrix(const RunRecord& run, const std::vector<KnownFinding>& known,
                          const Style& style) {
  if (run.trials.empty()) return "";
  const Marks marks(run, known, style);
  if (is_sparse(run))
    return format_axis_tables(run, marks, style) + flow(marks.legend(), style.width);
  const Layout layout = layout_of(run);
  const Table table(run, layout, marks, style);
  const std::size_t across = table.kernels_across();
  std::string out;
  for (std::size_t first = 0; first < layout.kernels.size(); first += across) {
    const auto from = layout.kernels.begin() + static_cast<std::ptrdiff_t>(first);
    const auto count = std::min(across, layout.kernels.size() - first);
    out += table.format({from, from + static_cast<std::ptrdiff_t>(count)}) + "\n";
  }
  return out + flow(marks.legend(), style.width);
}

}  // namespace daxbreak
