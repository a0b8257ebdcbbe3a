// SPDX-License-Identifier: GPL-2.0
#include "run/directories.h"

#include "trial/cell.h"

namespace daxbreak {

bool is_device(const DaxDirectory& directory) {
  return directory.filesystem == device_dax_name ||
         device_memory_of(directory.filesystem) != DeviceMemory::none;
}

const DaxDirectory* directory_for(std::string_view filesystem,
                                  const std::vector<DaxDirectory>& directories) {
  for (const DaxDirectory& directory : directories)
    if (directory.filesystem == filesystem) return &directory;
  return nullptr;
}

}  // namespace daxbreak
