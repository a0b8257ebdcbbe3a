// SPDX-License-Identifier: GPL-2.0
#include "trial/cell.h"

#include <fmt/format.h>

#include <vector>

#include "base/text.h"
#include "base/units.h"

namespace daxbreak {
namespace {

/// "head+tail" taken apart at `mark`; without the mark, `tail` stays as it is.
void take_apart(std::string_view text, char mark, std::string& head, std::string& tail) {
  const auto at = text.find(mark);
  head = text.substr(0, at);
  if (at != std::string_view::npos) tail = text.substr(at + 1);
}

}  // namespace

std::string Cell::id() const {
  const Cell usual;
  const auto with = [](const std::string& what, char mark, const std::string& more,
                       const std::string& otherwise) {
    return more == otherwise ? what : what + mark + more;
  };
  return fmt::format(
      "{}/{}/{}/{}/{}", filesystem, with(format_size(page_size), '+', memory, usual.memory),
      with(pin, '@', gate, usual.gate), with(breaker, ':', range, usual.range), disturber);
}

Result<Cell> parse_cell(std::string_view id) {
  const std::vector<std::string_view> parts = split(id, "/");
  if (parts.size() != 5)
    return Error{fmt::format(
        "\"{}\" is no cell; one looks like ext4/4k/vmsplice/truncate/none (filesystem, page size, "
        "pin, breaker, disturber)",
        id)};
  Cell cell;
  std::string size;
  cell.filesystem = parts[0];
  take_apart(parts[1], '+', size, cell.memory);
  take_apart(parts[2], '@', cell.pin, cell.gate);
  take_apart(parts[3], ':', cell.breaker, cell.range);
  cell.disturber = parts[4];
  auto bytes = parse_size(size);
  if (!bytes) return Error{fmt::format("in the cell \"{}\": {}", id, bytes.error().message())};
  cell.page_size = *bytes;
  return cell;
}

}  // namespace daxbreak
