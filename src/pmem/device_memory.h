// SPDX-License-Identifier: GPL-2.0
/// Anonymous memory that a device takes, by what the processor can do with it there
/// (include/linux/memremap.h, enum memory_type).
#pragma once

namespace daxbreak {

enum class DeviceMemory {
  none,
  device_private,   ///< MEMORY_DEVICE_PRIVATE: it cannot; a touch brings the page back
  device_coherent,  ///< MEMORY_DEVICE_COHERENT (5.19): what it can do with any other page
};

}  // namespace daxbreak
