// SPDX-License-Identifier: GPL-2.0
/// The states a page of a file can be in, and the count it has in each: the census table.
#pragma once

#include <string>
#include <vector>

#include "pmem/mount.h"
#include "result/record.h"
#include "run/kernel_view.h"

namespace daxbreak {

/// Puts one page of a fresh file on the filesystem into each state in turn and reads its count:
/// in the file, mapped once, mapped twice, held by vmsplice, held by an O_DIRECT read, punched out.
/// Needs the census. A state that cannot be brought about is left out and named in an Error only
/// if it is the harness's doing.
[[nodiscard]] Result<std::vector<CensusRecord>> measure_states(const KernelView& view,
                                                               const DaxDirectory& directory,
                                                               const std::string& kernel,
                                                               std::uint64_t page_size,
                                                               std::uint32_t serial);

}  // namespace daxbreak
