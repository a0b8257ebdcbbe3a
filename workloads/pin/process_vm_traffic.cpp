// SPDX-License-Identifier: GPL-2.0
// process_vm_readv(2) of the page in a loop: pin_user_pages_remote() (FOLL_PIN), copy,
// unpin_user_pages_dirty_lock(), in the calling thread (mm/process_vm_access.c).
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "workloads/pin/traffic.h"

namespace daxbreak {
namespace {

class ProcessVmTraffic final : public TrafficPin {
 public:
  ~ProcessVmTraffic() override { stop(); }

 protected:
  Result<void> prepare(std::span<std::byte> memory) override {
    far_ = {memory.data(), 4096};
    return ok();
  }

  int round() override {
    std::array<std::byte, 4096> bytes;
    const iovec near{bytes.data(), bytes.size()};
    return ::process_vm_readv(::getpid(), &near, 1, &far_, 1, 0) < 0 ? errno : 0;
  }

 private:
  iovec far_{};
};

const PinRegistry::Add registered{{
    .name = "process-vm-traffic",
    .help = "process_vm_readv(2) of the page in a loop (FOLL_PIN, for moments); last put by the "
            "calling thread",
    .flavour = Flavour::pin,
    .transient = true,
    .flow = PinFlow::none,
    .make = [] { return std::make_unique<ProcessVmTraffic>(); },
    .recipe = {.functions = R"(static pthread_t pin_thread;
static volatile int pin_stop;

static void *pin_rounds(void *at)
{
	char bytes[4096];
	struct iovec local = { bytes, PAGE }, remote = { at, PAGE };

	while (!pin_stop && process_vm_readv(getpid(), &local, 1, &remote, 1, 0) >= -1)
		;
	return NULL;
}
)",
               .hold = "\tcheck(!pthread_create(&pin_thread, NULL, pin_rounds, page), "
                       "\"pthread_create\");\n",
               .release = "\tpin_stop = 1;\n\tpthread_join(pin_thread, NULL);\n"},
}};

}  // namespace
}  // namespace daxbreak
