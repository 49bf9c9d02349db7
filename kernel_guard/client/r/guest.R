# The researcher's R kernel as it runs inside a sandbox: IRkernel on sockets that were opened outside.
#
# - Its five sockets arrive listening, as inherited descriptors; its key arrives in a memo that is read once.
# - Nothing here is a defence: this is the researcher's side.

local({
  memo <- jsonlite::fromJSON(Sys.getenv("KERNEL_GUARD_MEMO"))
  Sys.unsetenv("KERNEL_GUARD_MEMO")
  ports <- c(shell = 1L, iopub = 2L, stdin = 3L, control = 4L, hb = 5L)
  use_fd <- 89L # ZMQ_USE_FD
  imports <- parent.env(asNamespace("IRkernel"))
  unlockBinding("zmq.bind", imports)
  assign("zmq.bind", function(socket, address, ...) {
    name <- names(ports)[ports == as.integer(sub(".*-", "", address))]
    pbdZMQ::zmq.setsockopt(socket, use_fd, as.integer(memo$sockets[[name]]))
    pbdZMQ::zmq.bind(socket, address, ...)
  }, imports)
  connection <- list(
    transport = "ipc", ip = "kernel-guard", key = memo$key, signature_scheme = "hmac-sha256",
    shell_port = 1L, iopub_port = 2L, stdin_port = 3L, control_port = 4L, hb_port = 5L
  )
  file <- tempfile(fileext = ".json")
  writeLines(jsonlite::toJSON(connection, auto_unbox = TRUE), file)
  source(file.path(Sys.getenv("KERNEL_GUARD_R"), "kernel_guard.R"), local = globalenv())
  IRkernel::main(file)
})
