# A small client of the vault for R: studies, budget, and counts, sums and means that are released.
#
#   person <- kg_table("demo-hospital", "person")
#   old <- kg_filter(person, "year_of_birth", "<", 1950)
#   question <- kg_mean(kg_count_patients(kg_group_by(old, "gender_concept_id")), "year_of_birth")
#   kg_quote(question, epsilon = 0.5)     # what it would cost, how far off it would be; free
#   kg_release(question, epsilon = 0.5)   # with noise
#   kg_release(question)                  # exact, where the policy allows it
#
# The protocol is in docs/other-kernels.md: JSON over the one inherited socket, by `ask.py`.

kg_ask <- function(method, path, body = NULL) {
  question <- jsonlite::toJSON(list(method = method, path = path, body = body), auto_unbox = TRUE, null = "null", digits = NA)
  helper <- file.path(Sys.getenv("KERNEL_GUARD_R"), "ask.py")
  answer <- system2(Sys.getenv("KERNEL_GUARD_PYTHON"), c("-I", helper), input = question, stdout = TRUE)
  answer <- jsonlite::fromJSON(paste(answer, collapse = "\n"), simplifyVector = FALSE)
  if (answer$status != 200) {
    problem <- answer$body$error
    stop(problem$message, if (nzchar(problem$hint)) paste0("\n\u2192 ", problem$hint), call. = FALSE)
  }
  answer
}

# The studies that the grant covers, by name.
kg_studies <- function() {
  studies <- kg_ask("GET", "/v1/studies")$body$studies
  stats::setNames(studies, vapply(studies, function(study) study$name, ""))
}

# What is granted, spent and left.
kg_budget <- function() {
  rows <- lapply(kg_ask("GET", "/v1/budget")$body$budgets, function(one) {
    data.frame(study = one$study, granted = one$epsilon$granted, spent = one$epsilon$spent, left = one$epsilon$left)
  })
  do.call(rbind, rows)
}

# A table of a study, to ask about.
kg_table <- function(study, table) {
  known <- kg_studies()[[study]]
  if (is.null(known)) stop("There is no study ", study, " for you here.", call. = FALSE)
  tables <- stats::setNames(known$tables, vapply(known$tables, function(one) one$name, ""))
  if (is.null(tables[[table]])) stop("The study has no table ", table, ".", call. = FALSE)
  source <- list(node = "Source", study = study, table = table)
  structure(list(table = tables[[table]], source = source, by = list(), measures = list()), class = "kg_question")
}

# Keep the rows whose column compares so with a value: ==, !=, <, <=, >, >=.
kg_filter <- function(question, column, operator, value) {
  name <- .kg_operators[[operator]]
  if (is.null(name)) stop("Compare with one of ", paste(names(.kg_operators), collapse = " "), ".", call. = FALSE)
  .kg_column(question, column)
  left <- list(node = "ColumnRef", name = column)
  predicate <- list(node = "Compare", operator = name, left = left, right = list(node = "Literal", value = value))
  question$source <- list(node = "Filter", source = question$source, predicate = predicate)
  question
}

# Ask for each value of a column that has declared categories.
kg_group_by <- function(question, column) {
  values <- lapply(.kg_column(question, column)$categories, function(one) one$value)
  if (!length(values)) stop("The column ", column, " has no declared categories.", call. = FALSE)
  question$by <- c(question$by, list(list(node = "Key", column = column, values = values)))
  question
}

kg_count_patients <- function(question, name = "patients") {
  .kg_measure(question, list(node = "CountPatients", name = name, column = NULL))
}

kg_count_rows <- function(question, name = "rows") {
  .kg_measure(question, list(node = "CountRows", name = name))
}

# The sum and the mean of a column; under noise its declared bounds hold.
kg_sum <- function(question, column, name = paste0("sum_", column)) {
  .kg_column(question, column)
  .kg_measure(question, list(node = "Sum", name = name, column = column))
}

kg_mean <- function(question, column, name = paste0("mean_", column)) {
  .kg_column(question, column)
  .kg_measure(question, list(node = "Mean", name = name, column = column))
}

# What a release with the same arguments would cost, and the error to expect of each measure. Free.
kg_quote <- function(question, epsilon = NULL, confidence = 0.95, rows = NULL, groups = 1) {
  quote <- kg_ask("POST", "/v1/quote", .kg_ask_of(question, epsilon, confidence, rows, groups))$body
  errors <- lapply(quote$errors, function(one) data.frame(measure = one$measure, error = one$text))
  structure(list(epsilon = quote$cost$epsilon, errors = do.call(rbind, errors), words = quote$words), class = "kg_quote")
}

print.kg_quote <- function(x, ...) {
  cat(x$words, "\nIt would cost \u03b5 ", x$epsilon, ".\n", sep = "")
  if (!is.null(x$errors)) print(x$errors, row.names = FALSE)
  invisible(x)
}

# Release, with noise at the cost of `epsilon`, or exact and disclosure-checked without one; the result is a data frame
# that shows itself with the guard's badge. `rows` and `groups`: how many of one patient may count.
kg_release <- function(question, epsilon = NULL, confidence = 0.95, rows = NULL, groups = 1) {
  release <- kg_ask("POST", "/v1/releases", .kg_ask_of(question, epsilon, confidence, rows, groups))$release
  statement <- kg_ask("GET", paste0("/v1/releases/", release))$body$statement
  columns <- vapply(statement$columns, function(one) one$name, "")
  values <- lapply(seq_along(columns), function(at) unlist(lapply(statement$rows, function(row) .kg_value(row[[at]]))))
  frame <- as.data.frame(stats::setNames(values, columns), stringsAsFactors = FALSE)
  structure(frame, class = c("kg_release", "data.frame"), release = release, cost = statement$cost$epsilon)
}

# Shows what the vault says of the release: only the guard can, so only its name is sent.
repr_mimebundle_kg <- function(released) {
  IRdisplay::publish_mimebundle(list("application/vnd.kernel-guard.release-ref+json" = list(id = attr(released, "release"))))
}

print.kg_release <- function(x, ...) {
  repr_mimebundle_kg(x)
  invisible(x)
}

.kg_operators <- list("==" = "eq", "!=" = "ne", "<" = "lt", "<=" = "le", ">" = "gt", ">=" = "ge")

.kg_ask_of <- function(question, epsilon, confidence, rows, groups) {
  plan <- list(node = "Aggregate", source = question$source, by = question$by, measures = question$measures)
  ask <- list(node = "Ask", plan = plan, route = if (is.null(epsilon)) "sdc" else "dp", confidence = confidence)
  ask["epsilon"] <- list(if (!is.null(epsilon)) .kg_fraction(epsilon))
  bound <- if (!is.null(rows)) list(node = "Contribution", rows = as.integer(rows), groups = as.integer(groups))
  ask["contribution"] <- list(bound)
  ask["within"] <- list(NULL)
  list(version = 1L, ask = ask)
}

.kg_measure <- function(question, measure) {
  question$measures <- c(question$measures, list(measure))
  question
}

.kg_column <- function(question, column) {
  found <- Filter(function(one) one$name == column, question$table$columns)
  if (!length(found)) stop("The table has no column ", column, ".", call. = FALSE)
  found[[1]]
}

.kg_value <- function(value) if (is.null(value)) NA else value

.kg_fraction <- function(number) {
  if (is.character(number)) return(number)
  denominator <- 1000000
  paste0(format(round(number * denominator), scientific = FALSE), "/", format(denominator, scientific = FALSE))
}
