// SPDX-License-Identifier: GPL-2.0
// vmsplice(2): the pipe's buffers hold the pages (FOLL_GET in every kernel to date: fs/splice.c,
// iter_to_pipe()) until somebody reads the pipe. The pipe is its own gate. Each buffer has a
// reference of its own, so eight pipes hold a page eight times.
#include <vector>

#include "workloads/pin/pin.h"
#include "workloads/pin/pipe.h"

namespace daxbreak {
namespace {

class VmsplicePin final : public Pin {
 public:
  explicit VmsplicePin(unsigned pipes) : pipes_(pipes) {}

  Result<void> hold(const PinTarget& target) override {
    bytes_.resize(target.memory.size());
    for (Pipe& pipe : pipes_) {
      auto made = Pipe::make(target.memory.size());
      if (!made) return made.error();
      pipe = *std::move(made);
      if (auto held = pipe.hold(target.memory); !held) return held;
    }
    return ok();
  }

  Result<void> loosen() override {
    for (; pipes_.size() > 1; pipes_.pop_back())
      if (auto drained = pipes_.back().drain(bytes_); !drained) return drained;
    return ok();
  }

  Result<void> release() override {
    if (auto loosened = loosen(); !loosened) return loosened;
    if (auto drained = pipes_.front().drain(bytes_); !drained) return drained;
    pipes_.clear();
    return ok();
  }

  Result<std::vector<std::byte>> received() override { return bytes_; }

 private:
  std::vector<Pipe> pipes_;
  std::vector<std::byte> bytes_;
};

constexpr PinRecipe recipe{
    .includes = "",
    .functions = "static int pin_pipe[2];\n",
    .hold = R"(struct iovec part = {page, pinned};
check(pipe(pin_pipe) == 0, "make a pipe");
check(vmsplice(pin_pipe[1], &part, 1, 0) == (ssize_t)pinned, "vmsplice the page");
)",
    .loosen = "",
    .release = R"(char *bytes = malloc(pinned);
check(read(pin_pipe[0], bytes, pinned) == (ssize_t)pinned, "drain the pipe");
received = bytes + pinned - PAGE;
)",
    .gives = true,
};

const PinRegistry::Add registered{{
    .name = "vmsplice",
    .help = "vmsplice(2) into a pipe that nobody reads (FOLL_GET); ends when the pipe is drained, "
            "by the reader",
    .flavour = Flavour::get,
    .flow = PinFlow::from_page,
    .make = [] { return std::make_unique<VmsplicePin>(1); },
    .recipe = recipe,
}};

const PinRegistry::Add registered_pages{{
    .name = "vmsplice-16-pages",
    .help = "vmsplice(2) of 16 pages into one pipe (FOLL_GET each); the reader gives them up one "
            "by one, the broken one last",
    .flavour = Flavour::get,
    .pages = 16,
    .flow = PinFlow::from_page,
    .make = [] { return std::make_unique<VmsplicePin>(1); },
    .recipe = recipe,
}};

const PinRegistry::Add registered_x8{{
    .name = "vmsplice-x8",
    .help = "vmsplice(2) of the page into 8 pipes (8 FOLL_GET); 7 are drained beforehand, "
            "draining the last one ends it",
    .flavour = Flavour::get,
    .references = 8,
    .flow = PinFlow::from_page,
    .make = [] { return std::make_unique<VmsplicePin>(8); },
    .recipe =
        {
            .includes = "",
            .functions = R"(static int pin_pipe[8][2];
static void pin_drain(int which) {
  char bytes[PAGE];
  check(read(pin_pipe[which][0], bytes, PAGE) == PAGE, "drain a pipe");
}
)",
            .hold = R"(struct iovec part = {page, PAGE};
for (int i = 0; i < 8; i++) {
  check(pipe(pin_pipe[i]) == 0, "make a pipe");
  check(vmsplice(pin_pipe[i][1], &part, 1, 0) == PAGE, "vmsplice the page");
}
)",
            .loosen = "for (int i = 1; i < 8; i++) pin_drain(i);\n",
            .release = "pin_drain(0);\n",
        },
}};

}  // namespace
}  // namespace daxbreak
