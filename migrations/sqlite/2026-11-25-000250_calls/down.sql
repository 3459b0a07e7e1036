drop index tickets_uncalled;
