drop index requests_by_review;
