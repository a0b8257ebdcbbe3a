// SPDX-License-Identifier: GPL-2.0
/// Sets of cells, said shortly.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trial/cell.h"

namespace daxbreak {

/// The pin as a row of the matrix calls it: "odirect-read", "odirect-read@null-blk".
[[nodiscard]] std::string pin_label(const Cell& cell);

/// What is held: "vmsplice", "vmsplice of private".
[[nodiscard]] std::string held_label(const Cell& cell);

/// The page size and the kind of memory: "4k", "4k+private".
[[nodiscard]] std::string page_label(const Cell& cell);

/// The breaker and where its range lies: "truncate", "punch-hole:elsewhere".
[[nodiscard]] std::string breaker_label(const Cell& cell);

/// One axis of cells, the kernel aside.
struct CellAxis {
  std::string_view name;  ///< "page size"
  std::string (*value)(const Cell&);
};

/// All axes in the order of Cell::id(), each for itself; the gate stands with the pin.
[[nodiscard]] const std::vector<CellAxis>& cell_axes();

/// What the cells of `hit` have in common that those of `universe` have not, axis by axis: a few
/// values, each with how many of the universe's cells that have it are hit: "disturber munmap (43
/// of 60)". For universes that are no product, where patterns say little.
[[nodiscard]] std::vector<std::string> common_factors(const std::vector<Cell>& hit,
                                                      const std::vector<Cell>& universe);

/// Patterns in the shape of Cell::id() that together name exactly the cells of `hit` among those
/// of `universe` (which contains them): "*/*/{libaio,odirect-read}/*/none", where "*" stands for
/// every value that occurs there with the rest. Large ones first. The kernel is left aside.
[[nodiscard]] std::vector<std::string> describe_cells(const std::vector<Cell>& hit,
                                                      const std::vector<Cell>& universe);

}  // namespace daxbreak
