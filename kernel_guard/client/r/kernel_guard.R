# A small client of the vault for R: studies, budget, and counts, sums and means that are released.
#
#   person <- kg_table("demo-hospital", "person")
#   kg_release(kg_count_patients(kg_group_by(person, "gender_concept_id")), epsilon = 0.5)
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
  structure(list(study = study, table = tables[[table]], by = list(), measures = list()), class = "kg_question")
}

# Ask for each value of a column that has declared categories.
kg_group_by <- function(question, column) {
  found <- Filter(function(one) one$name == column, question$table$columns)
  if (!length(found)) stop("The table has no column ", column, ".", call. = FALSE)
  values <- lapply(found[[1]]$categories, function(one) one$value)
  if (!length(values)) stop("The column ", column, " has no declared categories.", call. = FALSE)
  question$by <- c(question$by, list(list(node = "Key", column = column, values = values)))
  question
}

kg_count_patients <- function(question, name = "patients") {
  question$measures <- c(question$measures, list(list(node = "CountPatients", name = name, column = NULL)))
  question
}

# Release under differential privacy; the result is a data frame that shows itself with the guard's badge.
kg_release <- function(question, epsilon, confidence = 0.95) {
  source <- list(node = "Source", study = question$study, table = question$table$name)
  plan <- list(node = "Aggregate", source = source, by = question$by, measures = question$measures)
  ask <- list(node = "Ask", plan = plan, route = "dp", epsilon = .kg_fraction(epsilon), confidence = confidence)
  ask["contribution"] <- ask["within"] <- list(NULL)
  release <- kg_ask("POST", "/v1/releases", list(version = 1L, ask = ask))$release
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

.kg_value <- function(value) if (is.null(value)) NA else value

.kg_fraction <- function(number) {
  if (is.character(number)) return(number)
  denominator <- 1000000
  paste0(format(round(number * denominator), scientific = FALSE), "/", format(denominator, scientific = FALSE))
}
