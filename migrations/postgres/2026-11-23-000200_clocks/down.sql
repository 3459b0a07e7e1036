drop index tickets_escalated;
