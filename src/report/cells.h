// SPDX-License-Identifier: GPL-2.0
/// Sets of cells, said shortly.
#pragma once

#include <string>
#include <vector>

#include "trial/cell.h"

namespace daxbreak {

/// The pin as a row of the matrix calls it: "odirect-read", "odirect-read@null-blk".
[[nodiscard]] std::string pin_label(const Cell& cell);

/// Patterns in the shape of Cell::id() that together name exactly the cells of `hit` among those
/// of `universe` (which contains them): "*/*/{libaio,odirect-read}/*/none", where "*" stands for
/// every value that occurs there with the rest. Large ones first. The kernel is left aside.
[[nodiscard]] std::vector<std::string> describe_cells(const std::vector<Cell>& hit,
                                                      const std::vector<Cell>& universe);

}  // namespace daxbreak
