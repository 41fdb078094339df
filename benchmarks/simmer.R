# The centre in simmer: prints offered, lost and seconds. Arguments: days, rate, handle, patience, agents, day, seed.
if (!suppressWarnings(suppressMessages(require(simmer)))) quit(status = 69)
given <- as.numeric(commandArgs(trailingOnly = TRUE))
set.seed(given[7])
offered <- 0
lost <- 0
began <- proc.time()[["elapsed"]]
for (day in seq_len(given[1])) {
  hangs_up <- trajectory() %>% set_global("lost", 1, mod = "+")
  caller <- trajectory() %>%
    renege_in(function() rexp(1, 1 / given[4]), out = hangs_up) %>%
    seize("agent") %>%
    renege_abort() %>%
    timeout(function() rexp(1, 1 / given[3])) %>%
    release("agent")
  centre <- simmer() %>%
    add_global("lost", 0) %>%
    add_resource("agent", given[5]) %>%
    add_generator("caller", caller, function() rexp(1, given[2]), mon = 0)
  run(centre, until = given[6])
  offered <- offered + get_n_generated(centre, "caller")
  lost <- lost + get_global(centre, "lost")
}
cat(offered, lost, proc.time()[["elapsed"]] - began)
